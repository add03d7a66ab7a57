//! JPEG tiles (TIFF Technical Note 2): baseline and progressive, eight bits.
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::failure::{Failure, Outcome, guarded};

/// The image that a tile must hold.
pub struct Expected {
    pub width: usize,
    /// The least number of rows; a tile may hold more.
    pub height: usize,
    pub components: usize,
    pub to_rgb: bool,
}

/// Decode into `output` (row major, components interleaved). `tables` is the abbreviated stream of TIFF tag 347, or empty.
pub fn decode(tables: &[u8], input: &[u8], output: &mut [u8], expected: &Expected) -> Outcome<usize> {
    let rows = check_header(input, expected)?;
    let joined;
    let stream = if tables.len() > 4 && input.len() > 2 {
        // Tables without their end marker, then the tile without its start marker.
        joined = [&tables[..tables.len() - 2], &input[2..]].concat();
        joined.as_slice()
    } else {
        input
    };
    let needed = expected.width * expected.height * expected.components;
    let output = output.get_mut(..needed).ok_or(Failure::BadArgument)?;
    guarded(|| {
        if rows == expected.height {
            return decompress(stream, output, expected);
        }
        let mut whole = vec![0; expected.width * rows * expected.components];
        decompress(stream, &mut whole, expected)?;
        output.copy_from_slice(&whole[..needed]);
        Ok(needed)
    })
}

fn decompress(stream: &[u8], output: &mut [u8], expected: &Expected) -> Outcome<usize> {
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(65_535).set_max_height(65_535);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(stream), options);
    decoder.decode_headers().map_err(|_| Failure::Corrupt)?;
    let input = decoder.input_colorspace().ok_or(Failure::Corrupt)?;
    let target = if expected.to_rgb && input == ColorSpace::YCbCr { ColorSpace::RGB } else { input };
    if target.num_components() != expected.components {
        return Err(Failure::Mismatch);
    }
    // The converter is chosen while headers are read, so read them again with the wish set.
    let options = options.jpeg_set_out_colorspace(target);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(stream), options);
    decoder.decode_into(output).map_err(|_| Failure::Corrupt)?;
    Ok(output.len())
}

/// Find the frame header (ITU T.81 §B.2.2) and compare; gives the number of rows. Nothing is allocated before this.
fn check_header(input: &[u8], expected: &Expected) -> Outcome<usize> {
    let mut at = 2;
    loop {
        let Some(&[0xff, marker]) = input.get(at..).and_then(|rest| rest.first_chunk::<2>()) else {
            return Err(Failure::Corrupt);
        };
        at += 2;
        match marker {
            0xff => at -= 1, // fill byte
            0x01 | 0xd0..=0xd8 => {}
            // Frame headers are 0xc0 to 0xcf but for DHT, JPG and DAC.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => return check_frame(marker, &input[at..], expected),
            0xd9 | 0xda => return Err(Failure::Corrupt),
            _ => {
                let length = input.get(at..at + 2).ok_or(Failure::Corrupt)?;
                at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
            }
        }
    }
}

fn check_frame(marker: u8, segment: &[u8], expected: &Expected) -> Outcome<usize> {
    let &[_, _, precision, h1, h0, w1, w0, components] = segment.first_chunk::<8>().ok_or(Failure::Corrupt)?;
    // 0xc3 and above are lossless, differential or arithmetic.
    if marker > 0xc2 || precision != 8 {
        return Err(Failure::Unsupported);
    }
    let (height, width) = (usize::from(u16::from_be_bytes([h1, h0])), usize::from(u16::from_be_bytes([w1, w0])));
    let fits = width == expected.width && height >= expected.height && height - expected.height <= expected.height.max(64);
    if !fits || usize::from(components) != expected.components {
        return Err(Failure::Mismatch);
    }
    Ok(height)
}
