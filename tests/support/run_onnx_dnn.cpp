// Runs an ONNX model with OpenCV's dnn module. It is a separate program because the module's Protocol Buffers would
// clash with those inside a LibTorch zip.
// Usage: run_onnx_dnn MODEL IMAGES N C H W LOGITS; IMAGES and LOGITS are files of floats.

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <opencv2/dnn.hpp>

int main(int count, char** arguments) {
  if (count != 8) return 2;
  try {
    const int shape[] = {std::atoi(arguments[3]), std::atoi(arguments[4]), std::atoi(arguments[5]),
                         std::atoi(arguments[6])};
    cv::Mat images(4, shape, CV_32FC1);
    std::ifstream(arguments[2], std::ios::binary)
        .read(images.ptr<char>(), static_cast<std::streamsize>(images.total() * sizeof(float)));
    cv::dnn::Net network = cv::dnn::readNetFromONNX(arguments[1]);
    network.setInput(images);
    const cv::Mat logits = network.forward();
    std::ofstream(arguments[7], std::ios::binary)
        .write(logits.ptr<char>(), static_cast<std::streamsize>(logits.total() * sizeof(float)));
  } catch (const cv::Exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
