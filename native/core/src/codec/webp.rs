//! WebP tiles, lossy and lossless, without animation.
use std::io::Cursor;

use image_webp::WebPDecoder;

use super::failure::{Failure, Outcome, guarded};

/// Decode into `output`, row major, three or four samples a pixel; a tile without alpha is opaque.
pub fn decode(input: &[u8], output: &mut [u8], size: (usize, usize), channels: usize) -> Outcome<usize> {
    if image_size(input)? != size {
        return Err(Failure::Mismatch);
    }
    let pixels = size.0.checked_mul(size.1).ok_or(Failure::BadArgument)?;
    let output = output.get_mut(..pixels * channels).ok_or(Failure::BadArgument)?;
    guarded(|| {
        let mut decoder = WebPDecoder::new(Cursor::new(input)).map_err(|_| Failure::Corrupt)?;
        let (width, height) = decoder.dimensions();
        if decoder.is_animated() {
            return Err(Failure::Unsupported);
        }
        if (width as usize, height as usize) != size {
            return Err(Failure::Mismatch);
        }
        decoder.set_memory_limit(64 * pixels + (1 << 20));
        match (decoder.has_alpha(), channels) {
            (false, 3) | (true, 4) => decoder.read_image(output).map_err(|_| Failure::Corrupt)?,
            (false, 4) => {
                let mut rgb = vec![0; pixels * 3];
                decoder.read_image(&mut rgb).map_err(|_| Failure::Corrupt)?;
                for (target, source) in output.chunks_exact_mut(4).zip(rgb.chunks_exact(3)) {
                    target[..3].copy_from_slice(source);
                    target[3] = 255;
                }
            }
            _ => return Err(Failure::Mismatch),
        }
        Ok(output.len())
    })
}

/// Size that the image data itself declares (RIFF container, chunks VP8, VP8L, VP8X). It is checked before any decoder
/// allocates for it, because the container's own size may differ.
fn image_size(input: &[u8]) -> Outcome<(usize, usize)> {
    if input.get(..4) != Some(b"RIFF") || input.get(8..12) != Some(b"WEBP") {
        return Err(Failure::Corrupt);
    }
    let mut at = 12;
    loop {
        let header = input.get(at..).and_then(|rest| rest.first_chunk::<8>()).ok_or(Failure::Corrupt)?;
        let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let data = &input[at + 8..];
        match &header[..4] {
            b"VP8 " => {
                // RFC 6386 §9.1: three bytes of tag, three of start code, then 14 bits of width and height.
                let bytes = data.first_chunk::<10>().ok_or(Failure::Corrupt)?;
                let side = |i: usize| usize::from(u16::from_le_bytes([bytes[i], bytes[i + 1]]) & 0x3fff);
                return Ok((side(6), side(8)));
            }
            b"VP8L" => {
                // RFC 9649 §3.4: a signature byte, then 14 bits of width - 1 and height - 1.
                let bytes = data.first_chunk::<5>().ok_or(Failure::Corrupt)?;
                let word = u32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]) as usize;
                return Ok(((word & 0x3fff) + 1, ((word >> 14) & 0x3fff) + 1));
            }
            b"ANIM" | b"ANMF" => return Err(Failure::Unsupported),
            _ => at = at.saturating_add(8).saturating_add(length).saturating_add(length & 1),
        }
    }
}
