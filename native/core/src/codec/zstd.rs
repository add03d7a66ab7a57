//! Zstandard (RFC 8878), one or more frames.
use std::cell::RefCell;

use zstd_safe::zstd_sys::ZSTD_ErrorCode;
use zstd_safe::{CCtx, DCtx, DParameter, InBuffer, OutBuffer, ResetDirective};

use super::decompress::Limits;
use super::failure::{Failure, Outcome};

/// Streaming keeps a window; 8 MiB is what level 19 writes. Larger ones are decoded whole, which needs no window.
const WINDOW_LOG: u32 = 23;

thread_local! {
    static DECODER: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
    static ENCODER: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
}

/// Decode; where only the head of the output is needed, or more than fits is accepted, a stream is read up to there.
pub fn decode(input: &[u8], output: &mut [u8], limits: Limits) -> Outcome<usize> {
    if limits.needed < output.len()
        && let Ok(count) = stream(input, &mut output[..limits.needed])
    {
        return Ok(count);
    }
    match whole(input, output) {
        Err(Failure::Surplus) if limits.surplus => stream(input, output),
        outcome => outcome,
    }
}

fn whole(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    DECODER.with(|cell| {
        cell.borrow_mut().decompress(output, input).map_err(|error| {
            if zstd_safe::is_error_kind(error, ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall) {
                Failure::Surplus
            } else {
                Failure::Corrupt
            }
        })
    })
}

fn stream(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    DECODER.with(|cell| {
        let mut decoder = cell.borrow_mut();
        let outcome = fill(&mut decoder, input, output);
        let reset = decoder.reset(ResetDirective::SessionAndParameters);
        reset.map_err(|_| Failure::Corrupt).and(outcome)
    })
}

fn fill(decoder: &mut DCtx<'static>, input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    let corrupt = |_| Failure::Corrupt;
    decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG)).map_err(corrupt)?;
    let capacity = output.len();
    let mut source = InBuffer::around(input);
    let mut target = OutBuffer::around(output);
    while target.pos() < capacity {
        let before = (source.pos(), target.pos());
        decoder.decompress_stream(&mut target, &mut source).map_err(corrupt)?;
        if (source.pos(), target.pos()) == before {
            break;
        }
    }
    Ok(target.pos())
}

/// One frame with its content size. `Surplus` where the output is too small.
pub fn encode(input: &[u8], output: &mut [u8], level: i32) -> Outcome<usize> {
    ENCODER.with(|cell| cell.borrow_mut().compress(output, input, level).map_err(|_| Failure::Surplus))
}
