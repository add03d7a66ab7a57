//! LERC1 and LERC2 blobs with validity masks.
use lerc::bitmask::BitMask;
use lerc::{DataType, Image, Sample, SampleData};

use super::failure::{Failure, Outcome, guarded};

pub struct Expected {
    pub width: usize,
    pub height: usize,
    pub samples_per_pixel: usize,
    /// LERC's own number of the sample type: int8, uint8, int16, uint16, int32, uint32, float32, float64.
    pub data_type: i32,
    /// What masked pixels become.
    pub fill: f64,
}

/// Decode into `output`, row major, samples of a pixel together. A blob with one sample less a pixel and a mask is
/// uint8 with alpha, as libtiff writes it: the mask is the alpha, 0 or 255.
pub fn decode(input: &[u8], output: &mut [u8], expected: &Expected) -> Outcome<usize> {
    guarded(|| {
        let info = lerc::decode_info(input).map_err(|_| Failure::Corrupt)?;
        let data_type = DataType::from_i32(expected.data_type).ok_or(Failure::BadArgument)?;
        if (info.width as usize, info.height as usize) != (expected.width, expected.height) || info.data_type != data_type {
            return Err(Failure::Mismatch);
        }
        let samples = (info.depth as usize).checked_mul(info.bands as usize).ok_or(Failure::Corrupt)?;
        let alpha = samples + 1 == expected.samples_per_pixel && data_type == DataType::Byte && info.bands == 1;
        if samples != expected.samples_per_pixel && !alpha {
            return Err(Failure::Mismatch);
        }
        let pixels = expected.width.checked_mul(expected.height).ok_or(Failure::BadArgument)?;
        let length = pixels * expected.samples_per_pixel * data_type.size();
        let output = output.get_mut(..length).ok_or(Failure::BadArgument)?;
        let image = lerc::decode(input).map_err(|_| Failure::Corrupt)?;
        if (image.bands, image.depth) != (info.bands, info.depth) || image.valid_masks.len() != info.bands as usize {
            return Err(Failure::Corrupt);
        }
        place(&image, output, expected, alpha);
        Ok(length)
    })
}

fn place(image: &Image, output: &mut [u8], expected: &Expected, alpha: bool) {
    match &image.data {
        SampleData::U8(data) if alpha => place_with_alpha(image, data, output),
        SampleData::I8(data) => place_samples(image, data, output, expected.fill),
        SampleData::U8(data) => place_samples(image, data, output, expected.fill),
        SampleData::I16(data) => place_samples(image, data, output, expected.fill),
        SampleData::U16(data) => place_samples(image, data, output, expected.fill),
        SampleData::I32(data) => place_samples(image, data, output, expected.fill),
        SampleData::U32(data) => place_samples(image, data, output, expected.fill),
        SampleData::F32(data) => place_samples(image, data, output, expected.fill),
        SampleData::F64(data) => place_samples(image, data, output, expected.fill),
    }
}

/// Bands follow each other in the blob; in the output they alternate.
fn place_samples<T: Sample>(image: &Image, data: &[T], output: &mut [u8], fill: f64) {
    let (bands, depth) = (image.bands as usize, image.depth as usize);
    let size = size_of::<T>();
    let pixel_bytes = bands * depth * size;
    let fill = T::from_f64(fill);
    for (band, (values, mask)) in data.chunks_exact(data.len() / bands).zip(&image.valid_masks).enumerate() {
        let all_valid = matches!(mask, BitMask::AllValid(_));
        for (index, (pixel, target)) in values.chunks_exact(depth).zip(output.chunks_exact_mut(pixel_bytes)).enumerate() {
            let valid = all_valid || mask.is_valid(index);
            let target = &mut target[band * depth * size..(band + 1) * depth * size];
            for (value, bytes) in pixel.iter().zip(target.chunks_exact_mut(size)) {
                write(bytes, if valid { *value } else { fill });
            }
        }
    }
}

fn place_with_alpha(image: &Image, data: &[u8], output: &mut [u8]) {
    let depth = image.depth as usize;
    let mask = &image.valid_masks[0];
    for (index, (pixel, target)) in data.chunks_exact(depth).zip(output.chunks_exact_mut(depth + 1)).enumerate() {
        let valid = mask.is_valid(index);
        target[..depth].copy_from_slice(pixel);
        target[depth] = if valid { 255 } else { 0 };
    }
}

/// Machine byte order.
#[inline(always)]
fn write<T: Sample>(target: &mut [u8], value: T) {
    let bits = value.to_bits_u64();
    let bytes = bits.to_le_bytes();
    let length = target.len();
    target.copy_from_slice(&bytes[..length]);
    if cfg!(target_endian = "big") {
        target.reverse();
    }
}
