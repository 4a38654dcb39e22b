#include "app/pages/page.h"

#include "app/pages/style.h"

namespace unet {

std::string html_page(const std::string& title, const Html& body) {
  const Html head =
      void_element("meta", {{"charset", "utf-8"}}) +
      void_element("meta", {{"http-equiv", "Content-Security-Policy"},
                            {"content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'"}}) +
      void_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) +
      void_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}) + element("title", title);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>" + head.markup() + "\n<style>\n" + kPageStyle +
         "</style>\n</head>\n" + element("body", body).markup() + "\n</html>\n";
}

}  // namespace unet
