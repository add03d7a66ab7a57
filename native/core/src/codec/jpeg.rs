//! JPEG tiles (TIFF Technical Note 2): baseline and progressive, eight bits.
//!
//! zune-jpeg is fast but enlarges chroma wrongly along the right and lower edge of an image that ends inside a block (its
//! last samples are those behind the edge); such images, strips mostly, go through jpeg-decoder.
use jpeg_decoder::ColorTransform;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::failure::{Failure, Outcome, guarded};

/// A progressive image has about ten scans; each one costs a pass over the image, however short it is.
const MOST_SCANS: usize = 64;

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
    let frame = find_frame(input)?;
    frame.check(expected)?;
    if input.windows(2).filter(|pair| *pair == [0xff, 0xda]).count() > MOST_SCANS {
        return Err(Failure::Corrupt);
    }
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
        if frame.ends_inside_a_block() {
            let image = decode_edges(stream, &frame, expected)?;
            output.copy_from_slice(image.get(..needed).ok_or(Failure::Corrupt)?);
        } else if frame.height == expected.height {
            decode_whole_blocks(stream, output, expected)?;
        } else {
            let mut whole = vec![0; expected.width * frame.height * expected.components];
            decode_whole_blocks(stream, &mut whole, expected)?;
            output.copy_from_slice(&whole[..needed]);
        }
        Ok(needed)
    })
}

fn decode_whole_blocks(stream: &[u8], output: &mut [u8], expected: &Expected) -> Outcome<()> {
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
    decoder.decode_into(output).map_err(|_| Failure::Corrupt)
}

fn decode_edges(stream: &[u8], frame: &Frame, expected: &Expected) -> Outcome<Vec<u8>> {
    let mut decoder = jpeg_decoder::Decoder::new(stream);
    let to_rgb = expected.to_rgb && expected.components == 3;
    decoder.set_color_transform(if to_rgb { ColorTransform::YCbCr } else { ColorTransform::None });
    decoder.set_max_decoding_buffer_size(frame.width * frame.height * frame.components);
    decoder.decode().map_err(|_| Failure::Corrupt)
}

/// What the frame header says.
struct Frame {
    marker: u8,
    precision: u8,
    width: usize,
    height: usize,
    components: usize,
    /// The largest sampling factors: a block of the interleaved image is eight times as wide and high.
    sampling: (usize, usize),
}

impl Frame {
    fn check(&self, expected: &Expected) -> Outcome<()> {
        // 0xc3 and above are lossless, differential or arithmetic.
        if self.marker > 0xc2 || self.precision != 8 {
            return Err(Failure::Unsupported);
        }
        let surplus = self.height.checked_sub(expected.height).ok_or(Failure::Mismatch)?;
        let fits = self.width == expected.width && surplus <= expected.height.max(64);
        if fits && self.components == expected.components { Ok(()) } else { Err(Failure::Mismatch) }
    }

    /// Where components differ in size, and one of them is cut off by the image's edge.
    fn ends_inside_a_block(&self) -> bool {
        let (across, down) = self.sampling;
        (across > 1 && self.width % (8 * across) != 0) || (down > 1 && self.height % (8 * down) != 0)
    }
}

/// Find the frame header (ITU T.81 §B.2.2). Nothing is allocated before it is checked.
fn find_frame(input: &[u8]) -> Outcome<Frame> {
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
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => return parse_frame(marker, &input[at..]),
            0xd9 | 0xda => return Err(Failure::Corrupt),
            _ => {
                let length = input.get(at..at + 2).ok_or(Failure::Corrupt)?;
                at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
            }
        }
    }
}

fn parse_frame(marker: u8, segment: &[u8]) -> Outcome<Frame> {
    let &[_, _, precision, h1, h0, w1, w0, components] = segment.first_chunk::<8>().ok_or(Failure::Corrupt)?;
    let list = segment.get(8..8 + 3 * usize::from(components)).ok_or(Failure::Corrupt)?;
    let factors = list.chunks_exact(3).map(|component| component[1]);
    if !factors.clone().all(|factor| (1..=4).contains(&(factor >> 4)) && (1..=4).contains(&(factor & 15))) {
        return Err(Failure::Corrupt);
    }
    Ok(Frame {
        marker,
        precision,
        width: usize::from(u16::from_be_bytes([w1, w0])),
        height: usize::from(u16::from_be_bytes([h1, h0])),
        components: usize::from(components),
        sampling: (
            factors.clone().map(|factor| usize::from(factor >> 4)).max().unwrap_or(1),
            factors.map(|factor| usize::from(factor & 15)).max().unwrap_or(1),
        ),
    })
}
