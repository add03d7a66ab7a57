//! From a decoded tile into the rows of a window.
use std::ops::Range;

/// A box of samples: where it is in the tile and where it goes. Places and strides are in samples.
#[derive(Clone, Copy)]
pub struct Part {
    pub destination: usize,
    pub from: usize,
    pub from_row_stride: usize,
    pub from_col_stride: usize,
    pub to: usize,
    pub to_row_stride: usize,
    pub rows: usize,
    pub cols: usize,
}

impl Part {
    /// Samples of the tile up to the last one that the part takes; None where that is no number.
    pub fn from_end(&self) -> Option<usize> {
        end(self.from, (self.rows, self.from_row_stride), (self.cols, self.from_col_stride))
    }

    /// Samples of the destination up to the last one that the part fills.
    pub fn to_end(&self) -> Option<usize> {
        end(self.to, (self.rows, self.to_row_stride), (self.cols, 1))
    }

    /// The part cut into bands of at most `most` of the tile's rows, which have `row` samples each, from the top down; with
    /// each the tile's samples that it lies in. None where the part's own rows are not within the tile's.
    pub fn bands(&self, row: usize, most: usize) -> Option<impl Iterator<Item = (Range<usize>, Part)>> {
        let first = self.from / row;
        let within = self.from % row + (self.cols - 1) * self.from_col_stride < row;
        let part = *self;
        (within && (self.rows == 1 || self.from_row_stride == row)).then(move || {
            (0..part.rows).step_by(most).map(move |done| {
                let rows = most.min(part.rows - done);
                let (from, to) = (part.from + done * row, part.to + done * part.to_row_stride);
                ((first + done) * row..(first + done + rows) * row, Part { from, to, rows, ..part })
            })
        })
    }

    /// Whether the part is the tile's first `samples` samples as they lie, and their place as well.
    pub fn is_whole(&self, samples: usize) -> bool {
        let in_line = self.from_col_stride == 1 && (self.rows == 1 || (self.from_row_stride == self.cols && self.to_row_stride == self.cols));
        self.from == 0 && in_line && self.rows.checked_mul(self.cols) == Some(samples)
    }
}

/// `rows` and `cols` are not 0.
fn end(start: usize, (rows, row_stride): (usize, usize), (cols, col_stride): (usize, usize)) -> Option<usize> {
    let down = (rows - 1).checked_mul(row_stride)?;
    let across = (cols - 1).checked_mul(col_stride)?;
    start.checked_add(down)?.checked_add(across)?.checked_add(1)
}

/// Copy a part out of a tile whose first sample in memory is number `first`.
///
/// # Safety
/// `samples` holds the part, `destination` is the start of memory that its other end lies in, and nobody else reads or
/// writes there meanwhile.
pub unsafe fn place(samples: &[u8], first: usize, destination: *mut u8, element: usize, part: &Part) {
    for row in 0..part.rows {
        let from = (part.from - first + row * part.from_row_stride) * element;
        // SAFETY: the caller says that the whole part lies in both.
        unsafe {
            let to = destination.add((part.to + row * part.to_row_stride) * element);
            if part.from_col_stride == 1 {
                std::ptr::copy_nonoverlapping(samples[from..].as_ptr(), to, part.cols * element);
            } else {
                let step = part.from_col_stride * element;
                let line = &samples[from..from + (part.cols - 1) * step + element];
                match element {
                    1 => gather::<1>(line, step, to),
                    2 => gather::<2>(line, step, to),
                    4 => gather::<4>(line, step, to),
                    _ => gather::<8>(line, step, to),
                }
            }
        }
    }
}

/// Every sample `step` bytes behind the last, side by side.
///
/// # Safety
/// As for `place`.
unsafe fn gather<const N: usize>(line: &[u8], step: usize, to: *mut u8) {
    for (i, pixel) in line.chunks(step).enumerate() {
        // SAFETY: as many samples as the line has columns.
        unsafe { std::ptr::copy_nonoverlapping(pixel[..N].as_ptr(), to.add(i * N), N) };
    }
}
