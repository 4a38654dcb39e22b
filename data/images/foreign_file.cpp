#include "data/images/foreign_file.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>

#include "configs/schema/text.h"

namespace unet {
namespace {

using namespace std::string_view_literals;

constexpr const char* kFromDicom =
    "Convert it with pydicom: python3 -c \"import pydicom, tifffile, sys; tifffile.imwrite(sys.argv[2], "
    "pydicom.dcmread(sys.argv[1]).pixel_array)\" IN OUT.tif";
constexpr const char* kFromNifti =
    "Convert it, a slice a file, with nibabel: python3 -c \"import nibabel, tifffile, sys; v = "
    "nibabel.load(sys.argv[1]).get_fdata(dtype='float32'); [tifffile.imwrite(f'{sys.argv[2]}_{z:04}.tif', v[:, :, "
    "z].T) for z in range(v.shape[2])]\" IN OUT";
constexpr const char* kFromVolume =
    "Convert it with SimpleITK: python3 -c \"import SimpleITK as s, sys; s.WriteImage(s.ReadImage(sys.argv[1]), "
    "sys.argv[2])\" IN OUT.tif";
constexpr const char* kFromMicroscope = "Convert it with Bio-Formats: bfconvert IN OUT.ome.tif";
constexpr const char* kFromPicture = "Convert it with ImageMagick: magick IN OUT.png";
constexpr const char* kFromHdf5 =
    "Save its array with h5py: python3 -c \"import h5py, numpy, sys; numpy.save(sys.argv[2], "
    "h5py.File(sys.argv[1])[sys.argv[3]][()])\" IN OUT.npy NAME; h5ls IN lists the names";
constexpr const char* kNoConverter = "Convert or remove it";

struct Signature {
  size_t offset;
  std::string_view magic;
  const char* name;
  const char* remedy;
};

/// Files often found under an image's name, and image formats that are not read.
constexpr Signature kSignatures[] = {
    {128, "DICM"sv, "a DICOM file", kFromDicom},
    {344, "n+1\0"sv, "a NIfTI volume", kFromNifti},
    {344, "ni1\0"sv, "the header of a NIfTI volume", kFromNifti},
    {4, "n+2\0"sv, "a NIfTI volume", kFromNifti},
    {0, "NRRD"sv, "an NRRD volume", kFromVolume},
    {0, "ObjectType = Image"sv, "a MetaImage volume", kFromVolume},
    {0, "\x89HDF"sv, "an HDF5 file", kFromHdf5},
    {0, "MATLAB 5.0"sv, "a MATLAB file",
     "Save its array with scipy: python3 -c \"import scipy.io, numpy, sys; numpy.save(sys.argv[2], "
     "scipy.io.loadmat(sys.argv[1])[sys.argv[3]])\" IN OUT.npy NAME"},
    {0, "ZISRAWFILE"sv, "a Zeiss CZI file", kFromMicroscope},
    {0, "\x70\0\0\0"sv, "a Leica LIF file", kFromMicroscope},
    {0, "\xDA\xCE\xBE\x0A"sv, "a Nikon ND2 file", kFromMicroscope},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "a compound file, as of Olympus OIB or Zeiss ZVI", kFromMicroscope},
    {4, "ftypheic"sv, "a HEIC image", "Convert it: heif-convert IN OUT.png"},
    {4, "ftypheix"sv, "a HEIC image", "Convert it: heif-convert IN OUT.png"},
    {4, "ftypmif1"sv, "a HEIC image", "Convert it: heif-convert IN OUT.png"},
    {4, "ftypavif"sv, "an AVIF image", "Convert it: avifdec IN OUT.png"},
    {4, "ftyp"sv, "a HEIC or AVIF image or a video", "Convert it, or take frames: ffmpeg -i IN OUT_%05d.png"},
    {0, "\0\0\0\x0CJXL "sv, "a JPEG XL image", "Convert it: djxl IN OUT.png"},
    {0, "\xFF\x0A"sv, "a JPEG XL image", "Convert it: djxl IN OUT.png"},
    {0, "\x76\x2F\x31\x01"sv, "an OpenEXR image", "Convert it with OpenImageIO: oiiotool IN -o OUT.tif"},
    {0, "8BPS"sv, "a Photoshop file", "Convert it with ImageMagick: magick 'IN[0]' OUT.png"},
    {0, "gimp xcf"sv, "a GIMP file", kFromPicture},
    {0, "\0\0\x01\0"sv, "an icon", kFromPicture},
    {0, "P7\n"sv, "a PAM image", kFromPicture},
    {0, "PF\n"sv, "a PFM image", kFromPicture},
    {0, "Pf\n"sv, "a PFM image", kFromPicture},
    {0, "%PDF"sv, "a PDF document", "Convert its pages: pdftoppm -r 300 -png IN OUT"},
    {0, "%!PS"sv, "a PostScript document", kFromPicture},
    {0, "PK\x03\x04"sv, "a ZIP archive", "Unpack it: unzip IN; arrays of an .npz file are images of their own then"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive", "Unpack it: 7z x IN"},
    {0, "Rar!"sv, "a RAR archive", "Unpack it: unrar x IN"},
    {257, "ustar"sv, "a tar archive", "Unpack it: tar xf IN"},
    {0, "\x1F\x8B"sv, "a gzip archive", "Unpack it: gunzip IN; volumes (.nii.gz) then need nibabel"},
    {0, "version https://git-lfs"sv, "a Git LFS pointer whose file was not fetched", "Fetch it: git lfs pull"},
};

/// Returns the first bytes of a gzip archive, unpacked; nothing where it is damaged.
std::string unpacked_head(const ByteView& file) {
  constexpr size_t kHeadBytes = 512;
  constexpr int kGzip = 16 + MAX_WBITS;
  std::string head(kHeadBytes, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) return "";
  stream.next_in = const_cast<Bytef*>(file.data());
  stream.avail_in = static_cast<uInt>(std::min<size_t>(file.size(), 1 << 16));
  stream.next_out = reinterpret_cast<Bytef*>(head.data());
  stream.avail_out = static_cast<uInt>(head.size());
  inflate(&stream, Z_SYNC_FLUSH);
  head.resize(head.size() - stream.avail_out);
  inflateEnd(&stream);
  return head;
}

const Signature* find_signature(const ByteView& file) {
  for (const Signature& signature : kSignatures)
    if (file.has(signature.magic, signature.offset)) return &signature;
  return nullptr;
}

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isprint(byte) != 0 || std::isspace(byte) != 0 || byte >= 0x80;
  });
}

}  // namespace

ForeignFile recognize_foreign(const ByteView& file) {
  if (file.has("\x1F\x8B"sv, 0)) {
    const std::string head = unpacked_head(file);
    const ByteView inner(head, file.name());
    if (const Signature* signature = find_signature(inner); signature != nullptr && signature->remedy == kFromNifti)
      return {"a compressed NIfTI volume", kFromNifti};
  }
  if (const Signature* signature = find_signature(file)) return {signature->name, signature->remedy};
  const std::string_view head = file.part(0, std::min<size_t>(file.size(), 512));
  const std::string text = lower_case(head);
  for (const char* tag : {"<!doctype html", "<html", "<head", "<body"})
    if (text.find(tag) != std::string::npos) return {"an HTML page, perhaps a failed download", "Download it again"};
  if (text.find("<svg") != std::string::npos) return {"an SVG drawing", "Convert it: rsvg-convert IN -o OUT.png"};
  if (head.find_first_not_of('\0') == std::string_view::npos) return {"a file of zeros", "Copy or download it again"};
  if (file.size() > 18 && file.has("TRUEVISION-XFILE."sv, file.size() - 18)) return {"a TGA image", kFromPicture};
  return {is_text(head) ? "text" : "unknown data", kNoConverter};
}

}  // namespace unet
