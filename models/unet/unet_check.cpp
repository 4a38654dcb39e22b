#include <algorithm>

#include "configs/schema/suggest.h"
#include "models/unet/resnet.h"
#include "models/unet/unet.h"

namespace unet {
namespace {

constexpr int64_t kMaxFactor = 512;  ///< of all levels together
constexpr size_t kMaxSuggestions = 3;
constexpr int64_t kExampleSize = 32;  ///< size in the example of a message

class UNetCheck {
 public:
  UNetCheck(const UNetOptions& options, const Locations& locations) : options_(options), locations_(locations) {}

  void run() const {
    check_kernels();
    check_levels();
    check_encoder();
    check_groups();
    check_dropout_and_supervision();
    for (int64_t level = 0; level < options_.depth; ++level) check_upsampling(level);
  }

 private:
  /// Throws Error(config); `option` is a key in the model section.
  template <class... Parts>
  [[noreturn]] void refuse(const std::string& option, const Parts&... parts) const {
    fail(ErrorKind::config, locations_.text("model." + option), ": ", parts...);
  }

  void check_kernels() const {
    const auto check_odd = [&](const std::string& option, int64_t size) {
      if (size != 0 && size % 2 == 0)
        refuse(option, "got ", size, ", expected an odd size. Nearest: ", size - 1, ", ", size + 1);
    };
    check_odd("kernel_size", options_.kernel_size);
    const auto check_mode = [&](int64_t size) { check_odd("upsampling.kernel_size", size); };
    std::visit(overloaded{[](const ConvTransposeUpsampling&) {},
                          [&](const NearestUpsampling& o) { check_mode(o.kernel_size); },
                          [&](const BilinearUpsampling& o) { check_mode(o.kernel_size); },
                          [&](const PixelShuffleUpsampling& o) { check_mode(o.kernel_size); }},
               options_.upsampling.mode());
  }

  void check_levels() const {
    if (!options_.factors.empty() && static_cast<int64_t>(options_.factors.size()) != options_.depth)
      refuse("factors", "got ", options_.factors.size(), " factors, expected ", options_.depth,
             ": one for each level (model.depth)");
    PerAxis all{1, 1};
    for (int64_t level = 0; level < options_.depth; ++level)
      for (size_t axis = 0; axis < 2; ++axis) all[axis] *= unet_factor(options_, level)[axis];
    if (std::max(all[0], all[1]) > kMaxFactor)
      refuse("depth", "got ", options_.depth, ", which divides the resolution by ", text_of(all),
             " in total, expected at most ", kMaxFactor, ". Lower model.depth or model.factors.");
  }

  void check_encoder() const {
    const bool is_plain = options_.has_plain_encoder();
    if (is_plain && options_.encoder_weights)
      refuse("encoder_weights", "got '", *options_.encoder_weights, "' with model.encoder plain, expected none. Set ",
             "model.encoder to one of ", join(resnet_names()), ".");
    if (is_plain) return;
    if (options_.depth > kResnetLevels)
      refuse("depth", "got ", options_.depth, ", expected at most ", kResnetLevels, ", the levels of a ",
             options_.encoder);
    for (int64_t level = 0; level < options_.depth; ++level)
      if (unet_factor(options_, level) != PerAxis{2, 2})
        refuse(!options_.factors.empty() ? "factors"
               : options_.stacked        ? "stacked"
                                         : "upsampling",
               "divides level ", level, " by ", text_of(unet_factor(options_, level)), ", expected 2, the factor of a ",
               options_.encoder);
    if (options_.padding == Padding::valid)
      refuse("padding", "got valid, expected same, the padding of a ", options_.encoder,
             ". Or set model.encoder: plain.");
    if (!options_.bottleneck_dilations.empty())
      refuse("bottleneck_dilations", "a ", options_.encoder, " has no bottleneck after its last layer. Leave it auto.");
  }

  void check_groups() const {
    for (int64_t level = 0; level <= options_.depth; ++level)
      if (unet_channels(options_, level) % options_.groups != 0)
        refuse("groups", "got ", options_.groups, ", which does not divide the ", unet_channels(options_, level),
               " channels of level ", level, ". Choose a divisor of model.base_channels and model.max_channels.");
    for (int64_t level = 1; !options_.has_plain_encoder() && level <= options_.depth; ++level)
      if (resnet_channels(options_.encoder, level) % options_.groups != 0)
        refuse("groups", "got ", options_.groups, ", which does not divide the ",
               resnet_channels(options_.encoder, level), " channels of a ", options_.encoder, " at level ", level);
  }

  void check_dropout_and_supervision() const {
    for (const int64_t level : options_.dropout_levels) {
      if (options_.dropout == 0) refuse("dropout_levels", "is set, but model.dropout is 0. Set model.dropout too.");
      if (level > options_.depth)
        refuse("dropout_levels", "got level ", level, ", expected at most ", options_.depth, " (model.depth)");
      if (level == 0 && !options_.has_plain_encoder())
        refuse("dropout_levels", "got level 0, expected at least 1, the first level of a ", options_.encoder);
    }
    if (static_cast<int64_t>(options_.deep_supervision.size()) >= options_.depth)
      refuse("deep_supervision", "got ", options_.deep_supervision.size(), " weights, expected at most ",
             options_.depth - 1, ": one for each level of the decoder except the finest");
  }

  void check_upsampling(int64_t level) const {
    PerAxis factor = unet_factor(options_, level);
    if (options_.stacked) {
      if ((factor[0] & (factor[0] - 1)) != 0 || factor[0] != factor[1])
        refuse("stacked", "level ", level, " has factor ", text_of(factor), ", expected a power of 2");
      factor = {2, 2};
    }
    const auto* transposed = std::get_if<ConvTransposeUpsampling>(&options_.upsampling.mode());
    if (transposed == nullptr) return;
    const int64_t out = unet_channels(options_, level);
    const bool reads_resnet_features = !options_.has_plain_encoder() && level == options_.depth - 1;
    const int64_t in =
        reads_resnet_features ? resnet_channels(options_.encoder, options_.depth) : unet_channels(options_, level + 1);
    const auto o = transposed_convolution(*transposed, factor, in, out);
    if (o.stride != factor)
      refuse("upsampling.stride", "got ", text_of(o.stride), ", expected ", text_of(factor), ", the factor of ",
             options_.stacked ? "each stacked upsampling at level " : "level ", level,
             options_.stacked ? "" : " (model.factors)", ". Leave it auto.");
    if (!enlarges_by(o, factor)) refuse_size(o);
    if (o.in_channels % o.groups != 0 || o.out_channels % o.groups != 0)
      refuse("upsampling.groups", "got ", o.groups, ", which does not divide the ", o.in_channels,
             " input channels and the ", o.out_channels, " output channels at level ", level);
  }

  /// Returns the first given option that determines the size.
  std::string deciding_option() const {
    for (const char* name : {"kernel_size", "padding", "output_padding", "dilation", "stride"}) {
      std::string option = std::string("upsampling.") + name;
      if (locations_.has("model." + option)) return option;
    }
    return "upsampling";
  }

  [[noreturn]] void refuse_size(const op::ConvTranspose2d& o) const {
    const auto suggestions = nearest_that_enlarge(o, kMaxSuggestions);
    const std::string advice =
        suggestions.empty() ? std::string(" Leave kernel_size, padding, output_padding and dilation at their defaults.")
                            : " Nearest that work: " + join(suggestions, "; ") + ".";
    for (size_t axis = 0; axis < 2; ++axis) {
      if (o.output_padding[axis] >= std::max(o.stride[axis], o.dilation[axis]))
        refuse("upsampling.output_padding", "got ", o.output_padding[axis],
               ", expected less than the larger of stride ", o.stride[axis], " and dilation ", o.dilation[axis], ".",
               advice);
      if (op::output_size(1, o, axis) == o.stride[axis]) continue;
      refuse(deciding_option(), "a ", axis == 0 ? "height" : "width", " of ", kExampleSize, " becomes ",
             formula(o, axis), " = ", op::output_size(kExampleSize, o, axis), ", expected ",
             kExampleSize * o.stride[axis], ", the size of the skip connection.", advice);
    }
    fail(ErrorKind::internal, "[unet] refused a transposed convolution of the right size");
  }

  /// Returns (H - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1 in numbers.
  static std::string formula(const op::ConvTranspose2d& o, size_t axis) {
    return concat("(", kExampleSize, " - 1)*", o.stride[axis], " - 2*", o.padding[axis], " + ", o.dilation[axis], "*(",
                  o.kernel_size[axis], " - 1) + ", o.output_padding[axis], " + 1");
  }

  const UNetOptions& options_;
  const Locations& locations_;
};

}  // namespace

void check_unet(const UNetOptions& options, const Locations& locations) { UNetCheck(options, locations).run(); }

}  // namespace unet
