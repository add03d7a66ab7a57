//! Image codecs: JPEG, WebP and LERC.
use heliocube_core::codec::{ImageShape, decode_jpeg, decode_lerc, decode_webp};
use napi::bindgen_prelude::Slice;

use crate::input::Input;

/// Width, height (1 to 64 each) and samples a pixel.
fn shape(input: &mut Input<'_>) -> ImageShape {
    ImageShape {
        width: 1 + input.below(64) as u32,
        height: 1 + input.below(64) as u32,
        samples_per_pixel: 1 + input.below(5) as u32,
    }
}

fn room(shape: &ImageShape, element: usize) -> Vec<u8> {
    vec![0xa5; shape.width as usize * shape.height as usize * shape.samples_per_pixel as usize * element]
}

fn check(code: i64, length: usize) {
    assert!((-5..0).contains(&code) || code == length as i64, "an image of {length} bytes gave {code}");
}

/// The shape, whether to convert to RGB, the length of the tables, the tables, the tile.
pub fn jpeg(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let shape = shape(&mut input);
    let to_rgb = input.flag();
    let length = input.below(1024);
    let mut tables = input.take(length);
    let mut output = room(&shape, 1);
    let length = output.len();
    let mut tile = input.rest();
    check(decode_jpeg(Slice::new(&mut tables), Slice::new(&mut tile), Slice::new(&mut output), shape, to_rgb), length);
}

pub fn webp(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let shape = shape(&mut input);
    let mut output = room(&shape, 1);
    let length = output.len();
    check(decode_webp(Slice::new(&mut input.rest()), Slice::new(&mut output), shape), length);
}

pub fn lerc(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let shape = shape(&mut input);
    let data_type = input.below(9);
    let fill = input.number();
    let element = [1, 1, 2, 2, 4, 4, 4, 8, 1][data_type];
    let mut output = room(&shape, element);
    let length = output.len();
    let mut blob = input.rest();
    check(decode_lerc(Slice::new(&mut blob), Slice::new(&mut output), shape, data_type as i32, fill), length);
}
