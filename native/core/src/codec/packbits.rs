//! PackBits (TIFF 6.0 §9).
use super::failure::{Failure, Outcome};

/// Decode until the output is full or the input ends; gives the number of bytes written.
pub fn decode(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    let (mut from, mut to) = (0, 0);
    while to < output.len() && from < input.len() {
        let control = input[from] as i8;
        from += 1;
        if control >= 0 {
            let literal = control as usize + 1;
            let length = literal.min(output.len() - to);
            let bytes = input.get(from..from + length).ok_or(Failure::Corrupt)?;
            output[to..to + length].copy_from_slice(bytes);
            from += literal;
            to += length;
        } else if control != -128 {
            let length = (1 - isize::from(control)) as usize;
            let length = length.min(output.len() - to);
            let value = *input.get(from).ok_or(Failure::Corrupt)?;
            output[to..to + length].fill(value);
            from += 1;
            to += length;
        }
    }
    Ok(to)
}
