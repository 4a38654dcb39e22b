#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "app/pages/html.h"
#include "app/pages/json_parts.h"
#include "app/pages/page.h"
#include "app/pages/parts.h"
#include "app/pages/picture_uri.h"
#include "tests/support/contains.h"
#include "tests/support/html_check.h"

namespace unet {
namespace {

using nlohmann::json;

TEST(Html, TextAndAttributesAreEscaped) {
  EXPECT_EQ(element("p", {{"title", "\"><script>"}}, "a < b & 'c'").markup(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">a &lt; b &amp; &#39;c&#39;</p>");
  EXPECT_EQ((element("b", "1") + "<" + element("i", "2")).markup(), "<b>1</b>&lt;<i>2</i>");
  EXPECT_EQ(void_element("img", {{"alt", "x"}}).markup(), "<img alt=\"x\">");
}

TEST(Html, WhatIsNoTextBecomesTheReplacementCharacter) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\n\t"), "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\n\t");
  EXPECT_EQ(escaped("a\xFF\xFE"), "a" + bad + bad);
  EXPECT_EQ(escaped("\xC3"), bad) << "cut";
  EXPECT_EQ(escaped("\xC0\xBC"), bad + bad) << "an overlong <";
  EXPECT_EQ(escaped("\xED\xA0\x80"), bad + bad + bad) << "a surrogate";
  EXPECT_EQ(escaped("\xF4\x90\x80\x80"), bad + bad + bad + bad) << "beyond Unicode";
  EXPECT_EQ(escaped(std::string("\x1b[2J\0", 5)), bad + "[2J" + bad);
}

TEST(Html, ThePageIsWholeAndSelfContained) {
  const std::string page = html_page("<title>", chapter("a", "A", "text") + contents({{"a", "A"}}));
  EXPECT_EQ(html_fault(page), "");
  EXPECT_EQ(outside_reference(page), "");
  EXPECT_TRUE(contains(page, "<html lang=\"en\">"));
  EXPECT_TRUE(contains(page, "<title>&lt;title&gt;</title>"));
  EXPECT_TRUE(contains(page, "width=device-width"));
  EXPECT_TRUE(contains(page, "prefers-color-scheme: dark"));
  EXPECT_TRUE(contains(page, "default-src &#39;none&#39;"));
}

TEST(Html, TheCheckOfTheTestsFindsFaults) {
  const auto fault = [](const std::string& body) { return html_fault("<!DOCTYPE html>\n" + body); };
  EXPECT_EQ(fault("<p>a<img src=\"x\"></p>"), "");
  for (const char* body :
       {"<p>", "</p>", "<p><b></p></b>", "<p>a & b</p>", "<p>a < b</p>", "<p title=\"<\"></p>", "<p"})
    EXPECT_NE(fault(body), "") << body;
  EXPECT_NE(html_fault("<p></p>"), "");
  EXPECT_NE(outside_reference("<img src=\"https://example.org/a.png\">"), "");
  EXPECT_EQ(outside_reference("<img src=\"data:image/png;base64,http//a\">"), "");
}

TEST(PageParts, SettingsInAMessageAreCodeAndItsLinesAreAList) {
  EXPECT_EQ(
      message("a.png: 3 values. Try --set 'data.labels={0: 0, 7: 1}'.\n  numbers: --set data.threshold=128").markup(),
      "<p>a.png: 3 values. Try <code>--set &#39;data.labels={0: 0, 7: 1}&#39;</code>.</p>"
      "<ul><li>numbers: <code>--set data.threshold=128</code></li></ul>");
  EXPECT_EQ(message("").markup(), "<p></p>");
}

TEST(PageParts, LongListsAreFolded) {
  const std::string list = folded_list({"a", "b", "c"}, 1).markup();
  EXPECT_EQ(list, "<ul><li>a</li></ul><details><summary>2 more</summary><ul><li>b</li><li>c</li></ul></details>");
  EXPECT_EQ(folded_list({"a"}, 3).markup(), "<ul><li>a</li></ul>");
  EXPECT_TRUE(folded_list({}, 3).empty());
}

TEST(PageParts, TablesAndFiguresAreAccessible) {
  const std::string table = table_html({"caption", {"class", "share"}, {{"sky", share_bar(0.25, "25.0%")}}}).markup();
  EXPECT_TRUE(contains(table, "<caption>caption</caption>"));
  EXPECT_TRUE(contains(table, "<th scope=\"col\">class</th>"));
  EXPECT_TRUE(contains(table, "<th scope=\"row\">sky</th>"));
  EXPECT_TRUE(contains(table, "width:25.00%"));
  EXPECT_TRUE(contains(figure_html({"data:image/png;base64,AA==", "a.png", "a", false}).markup(), "alt=\"a.png\""));
  EXPECT_TRUE(contains(figure_html({"", "a.png", "a", false}).markup(), "no picture"));
}

TEST(PageParts, AnyJsonIsShown) {
  const std::string facts =
      json_html("", {{"class_share", 0.25}, {"mean", 1.5}, {"size", {64, 32}}, {"ok", true}}).markup();
  for (const char* part :
       {"<dt>class share</dt><dd>25.0%</dd>", "<dt>mean</dt><dd>1.5</dd>", "<dd>64, 32</dd>", "<dd>yes</dd>"})
    EXPECT_TRUE(contains(facts, part));
  const json rows = json::array({json::object({{"count", 3}, {"name", "sky"}}), json::object({{"name", "<sea>"}})});
  const std::string table = json_html("objects", rows).markup();
  EXPECT_TRUE(contains(table, "<th scope=\"col\">name</th><th scope=\"col\">count</th>"));
  EXPECT_TRUE(contains(table, "<th scope=\"row\">sky</th><td>3</td>"));
  EXPECT_TRUE(contains(table, "<th scope=\"row\">&lt;sea&gt;</th><td></td>"));
  EXPECT_TRUE(contains(json_html("texts", json::array({"a", "b"})).markup(), "<li>a</li><li>b</li>"));
}

TEST(PageParts, LongJsonIsBounded) {
  json numbers = json::array(), objects = json::array(), object = json::object();
  for (int i = 0; i < 70; ++i) {
    numbers.push_back(i);
    objects.push_back({{"a", i}});
    object[std::to_string(i)] = i;
  }
  for (const json& value : {numbers, objects, object})
    EXPECT_TRUE(contains(json_html("key", value).markup(), "and 20 more"));
}

TEST(PictureUri, Base64FollowsTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFF\xFE"), "//4=");
}

TEST(PictureUri, TheSmallerOfTwoFormatsIsTaken) {
  cv::Mat noise(100, 100, CV_8UC3);
  cv::RNG(1).fill(noise, cv::RNG::UNIFORM, 0, 256);
  EXPECT_EQ(picture_uri(cv::Mat(100, 100, CV_8UC3, cv::Scalar(200, 0, 0))).rfind("data:image/png;base64,iVBOR", 0), 0u);
  EXPECT_EQ(picture_uri(noise).rfind("data:image/jpeg;base64,/9j/", 0), 0u);
}

}  // namespace
}  // namespace unet
