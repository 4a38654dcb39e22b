#include "data/files/composed.h"

#include <algorithm>
#include <map>
#include <utility>

namespace unet {
namespace {

/// A combining mark with pairs of a letter and the same letter with the mark.
struct MarkRow {
  char32_t mark;
  const char16_t* letters;
};

// clang-format off
/// Canonical compositions. Source: Unicode 15, UnicodeData.txt.
constexpr MarkRow kMarks[] = {
    {0x0300, u"AÀEÈIÌOÒUÙaàeèiìoòuùÜǛüǜNǸnǹЕЀИЍеѐиѝĒḔēḕŌṐōṑWẀwẁÂẦâầĂẰăằÊỀêềÔỒôồƠỜơờƯỪưừYỲyỳ"},
    {0x0301, u"AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzźÜǗüǘGǴgǵÅǺåǻÆǼæǽØǾøǿ¨΅ΑΆΕΈΗΉΙΊΟΌΥΎΩΏϊΐαάεέηήιίϋΰ"
     u"οόυύωώϒϓГЃКЌгѓкќÇḈçḉĒḖēḗÏḮïḯKḰkḱMḾmḿÕṌõṍŌṒōṓPṔpṕŨṸũṹWẂwẃÂẤâấĂẮăắÊẾêếÔỐôốƠỚơớƯỨưứ"},
    {0x0302, u"AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷZẐzẑẠẬạậẸỆẹệỌỘọộ"},
    {0x0303, u"AÃNÑOÕaãnñoõIĨiĩUŨuũVṼvṽÂẪâẫĂẴăẵEẼeẽÊỄêễÔỖôỗƠỠơỡƯỮưữYỸyỹ"},
    {0x0304, u"AĀaāEĒeēIĪiīOŌoōUŪuūÜǕüǖÄǞäǟȦǠȧǡÆǢæǣǪǬǫǭÖȪöȫÕȬõȭȮȰȯȱYȲyȳИӢиӣУӮуӯGḠgḡḶḸḷḹṚṜṛṝ"},
    {0x0306, u"AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭУЎИЙийуўЖӁжӂАӐаӑЕӖеӗȨḜȩḝẠẶạặ"},
    {0x0307, u"CĊcċEĖeėGĠgġIİZŻzżAȦaȧOȮoȯBḂbḃDḊdḋFḞfḟHḢhḣMṀmṁNṄnṅPṖpṗRṘrṙSṠsṡŚṤśṥŠṦšṧṢṨṣṩTṪtṫWẆwẇXẊxẋYẎyẏſẛ"},
    {0x0308, u"AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸΙΪΥΫιϊυϋϒϔЕЁІЇеёіїАӒаӓӘӚәӛЖӜжӝЗӞзӟИӤиӥОӦоӧӨӪөӫЭӬэӭУӰуӱЧӴчӵЫӸыӹHḦhḧÕṎõṏŪṺ"
     u"ūṻWẄwẅXẌxẍtẗ"},
    {0x0309, u"AẢaảÂẨâẩĂẲăẳEẺeẻÊỂêểIỈiỉOỎoỏÔỔôổƠỞơởUỦuủƯỬưửYỶyỷ"},
    {0x030A, u"AÅaåUŮuůwẘyẙ"},
    {0x030B, u"OŐoőUŰuűУӲуӳ"},
    {0x030C, u"CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzžAǍaǎIǏiǐOǑoǒUǓuǔÜǙüǚGǦgǧKǨkǩƷǮʒǯjǰHȞhȟ"},
    {0x030F, u"AȀaȁEȄeȅIȈiȉOȌoȍRȐrȑUȔuȕѴѶѵѷ"},
    {0x0311, u"AȂaȃEȆeȇIȊiȋOȎoȏRȒrȓUȖuȗ"},
    {0x031B, u"OƠoơUƯuư"},
    {0x0323, u"BḄbḅDḌdḍHḤhḥKḲkḳLḶlḷMṂmṃNṆnṇRṚrṛSṢsṣTṬtṭVṾvṿWẈwẉZẒzẓAẠaạEẸeẹIỊiịOỌoọƠỢơợUỤuụƯỰưựYỴyỵ"},
    {0x0324, u"UṲuṳ"},
    {0x0325, u"AḀaḁ"},
    {0x0326, u"SȘsșTȚtț"},
    {0x0327, u"CÇcçGĢgģKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţEȨeȩDḐdḑHḨhḩ"},
    {0x0328, u"AĄaąEĘeęIĮiįUŲuųOǪoǫ"},
    {0x032D, u"DḒdḓEḘeḙLḼlḽNṊnṋTṰtṱUṶuṷ"},
    {0x032E, u"HḪhḫ"},
    {0x0330, u"EḚeḛIḬiḭUṴuṵ"},
    {0x0331, u"BḆbḇDḎdḏKḴkḵLḺlḻNṈnṉRṞrṟTṮtṯZẔzẕhẖ"},
    {0x3099, u"かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔゝゞカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヰヸヱヹヲヺヽヾ"},
    {0x309A, u"はぱひぴふぷへぺほぽハパヒピフプヘペホポ"},
};
// clang-format on

using Compositions = std::map<std::pair<char32_t, char32_t>, char32_t>;

const Compositions& compositions() {
  static const Compositions table = [] {
    Compositions compositions;
    for (const MarkRow& row : kMarks)
      for (const char16_t* letter = row.letters; *letter != 0; letter += 2)
        compositions[{letter[0], row.mark}] = letter[1];
    return compositions;
  }();
  return table;
}

/// Hangul syllables are composed by arithmetic. Source: The Unicode Standard, section 3.12. Returns 0 for other pairs.
char32_t hangul(char32_t first, char32_t second) {
  constexpr char32_t kLead = 0x1100, kVowel = 0x1161, kTail = 0x11A7, kSyllable = 0xAC00;
  constexpr char32_t kLeads = 19, kVowels = 21, kTails = 28;
  if (first >= kLead && first < kLead + kLeads && second >= kVowel && second < kVowel + kVowels)
    return kSyllable + ((first - kLead) * kVowels + (second - kVowel)) * kTails;
  const bool is_open =
      first >= kSyllable && first < kSyllable + kLeads * kVowels * kTails && (first - kSyllable) % kTails == 0;
  return is_open && second > kTail && second < kTail + kTails ? first + (second - kTail) : 0;
}

char32_t composition(char32_t first, char32_t second) {
  if (const char32_t syllable = hangul(first, second)) return syllable;
  const auto found = compositions().find({first, second});
  return found == compositions().end() ? 0 : found->second;
}

/// Decodes UTF-8; returns whether it is well formed.
bool decode(const std::string& text, std::u32string& points) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    char32_t point = length == 1 ? lead : lead & (0x7Fu >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3Fu);
    }
    points.push_back(point);
    i += length;
  }
  return true;
}

void append_utf8(std::string& text, char32_t point) {
  const auto push = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return push(point);
  if (point < 0x800) {
    push(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      push(0xE0 | point >> 12);
    } else {
      push(0xF0 | point >> 18);
      push(0x80 | (point >> 12 & 0x3F));
    }
    push(0x80 | (point >> 6 & 0x3F));
  }
  push(0x80 | (point & 0x3F));
}

}  // namespace

std::string composed(const std::string& text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return text;
  std::u32string points;
  if (!decode(text, points)) return text;
  std::string result;
  for (size_t i = 0; i < points.size();) {
    char32_t letter = points[i++];
    for (; i < points.size(); ++i) {
      const char32_t together = composition(letter, points[i]);
      if (together == 0) break;
      letter = together;
    }
    append_utf8(result, letter);
  }
  return result;
}

}  // namespace unet
