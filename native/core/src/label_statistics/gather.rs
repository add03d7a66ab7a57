//! Values under one label: those that count whole, and those that count in part with their weights.

/// What `cover_labels` wrote.
pub struct Coverage<'a> {
    pub cells: &'a [u32],
    pub fractions: &'a [f64],
    pub runs: &'a [u32],
    pub ends: &'a [u32],
}

/// The same of one label.
pub struct Part<'a> {
    cells: &'a [u32],
    fractions: &'a [f64],
    runs: &'a [u32],
}

impl<'a> Coverage<'a> {
    pub fn of(&self, label: usize) -> Option<Part<'a>> {
        let end = |i: usize| self.ends.get(i).map(|&end| end as usize);
        let (cells, runs) = match label.checked_sub(1) {
            Some(before) => (end(2 * before)?, end(2 * before + 1)?),
            None => (0, 0),
        };
        let cells = cells..end(2 * label)?;
        Some(Part {
            cells: self.cells.get(cells.clone())?,
            fractions: self.fractions.get(cells)?,
            runs: self.runs.get(runs..end(2 * label + 1)?)?,
        })
    }
}

/// Where a label's window lies in the samples.
pub struct Place {
    offset: usize,
    stride: usize,
    width: u32,
    height: u32,
}

impl Place {
    pub fn new(numbers: &[f64]) -> Option<Self> {
        let whole =
            |v: f64| (v >= 0.0 && v <= f64::from(u32::MAX) && v.fract() == 0.0).then_some(v);
        let place = Place {
            offset: whole(numbers[0])? as usize,
            stride: whole(numbers[1])? as usize,
            width: whole(numbers[2])? as u32,
            height: whole(numbers[3])? as u32,
        };
        (place.width as usize <= place.stride).then_some(place)
    }

    /// Whether all pixels of the window are among so many samples.
    fn fits(&self, samples: usize) -> bool {
        let (width, height) = (self.width as usize, self.height as usize);
        width == 0
            || height == 0
            || (height - 1)
                .checked_mul(self.stride)
                .and_then(|rows| rows.checked_add(self.offset)?.checked_add(width))
                .is_some_and(|end| end <= samples)
    }

    /// Where `count` cells of one row begin; None where they leave the window.
    #[inline(always)]
    fn index(&self, cell: u32, count: u32) -> Option<usize> {
        let (row, col) = (
            cell.checked_div(self.width)?,
            cell.checked_rem(self.width)?,
        );
        (row < self.height && count <= self.width - col)
            .then(|| self.offset + row as usize * self.stride + col as usize)
    }
}

/// Values that count whole and those that count in part, each in the order of their pixels.
#[derive(Default)]
pub struct Gathered {
    pub whole: Vec<f64>,
    pub part: Vec<(f64, f64)>,
}

enum Typed<'a> {
    I8(&'a [i8]),
    U8(&'a [u8]),
    I16(&'a [i16]),
    U16(&'a [u16]),
    I32(&'a [i32]),
    U32(&'a [u32]),
    I64(&'a [i64]),
    U64(&'a [u64]),
    F32(&'a [f32]),
    F64(&'a [f64]),
}

pub struct Samples<'a> {
    data: Typed<'a>,
    valid: &'a [u8],
    nodata: &'a [f64],
}

impl<'a> Samples<'a> {
    pub fn new(code: u32, bytes: &'a [u8], valid: &'a [u8], nodata: &'a [f64]) -> Option<Self> {
        use crate::warp::typed;
        let (data, count) = match code {
            0 => typed(bytes).map(|s| (Typed::I8(s), s.len()))?,
            1 => typed(bytes).map(|s| (Typed::U8(s), s.len()))?,
            2 => typed(bytes).map(|s| (Typed::I16(s), s.len()))?,
            3 => typed(bytes).map(|s| (Typed::U16(s), s.len()))?,
            4 => typed(bytes).map(|s| (Typed::I32(s), s.len()))?,
            5 => typed(bytes).map(|s| (Typed::U32(s), s.len()))?,
            6 => typed(bytes).map(|s| (Typed::I64(s), s.len()))?,
            7 => typed(bytes).map(|s| (Typed::U64(s), s.len()))?,
            8 => typed(bytes).map(|s| (Typed::F32(s), s.len()))?,
            9 => typed(bytes).map(|s| (Typed::F64(s), s.len()))?,
            _ => return None,
        };
        (valid.is_empty() || valid.len() == count).then_some(Samples {
            data,
            valid,
            nodata,
        })
    }

    /// Whether all values are whole numbers.
    pub fn whole(&self) -> bool {
        !matches!(self.data, Typed::F32(_) | Typed::F64(_))
    }

    /// The values under a label; false where its cells are not all in its window, or the window not in the samples.
    pub fn gather(&self, part: &Part, place: &Place, into: &mut Gathered) -> bool {
        into.whole.clear();
        into.part.clear();
        match self.data {
            Typed::I8(data) => self.collect(data, f64::from, part, place, into),
            Typed::U8(data) => self.collect(data, f64::from, part, place, into),
            Typed::I16(data) => self.collect(data, f64::from, part, place, into),
            Typed::U16(data) => self.collect(data, f64::from, part, place, into),
            Typed::I32(data) => self.collect(data, f64::from, part, place, into),
            Typed::U32(data) => self.collect(data, f64::from, part, place, into),
            Typed::I64(data) => self.collect(data, |v| v as f64, part, place, into),
            Typed::U64(data) => self.collect(data, |v| v as f64, part, place, into),
            // -0 is 0.
            Typed::F32(data) => self.collect(data, |v| f64::from(v) + 0.0, part, place, into),
            Typed::F64(data) => self.collect(data, |v| v + 0.0, part, place, into),
        }
        .is_some()
    }

    #[inline(always)]
    fn collect<T: Copy>(
        &self,
        data: &[T],
        value: impl Fn(T) -> f64,
        part: &Part,
        place: &Place,
        into: &mut Gathered,
    ) -> Option<()> {
        place.fits(data.len()).then_some(())?;
        for run in part.runs.chunks_exact(2) {
            let at = place.index(run[0], run[1])?;
            let samples = &data[at..at + run[1] as usize];
            let from = into.whole.len();
            into.whole.extend(samples.iter().map(|&sample| value(sample)));
            self.drop_missing(&mut into.whole, from, at);
        }
        for (&cell, &weight) in part.cells.iter().zip(part.fractions) {
            let at = place.index(cell, 1)?;
            let sample = value(data[at]);
            if weight > 0.0 && weight <= 1.0 && self.counts(sample, at) {
                into.part.push((sample, weight));
            }
        }
        Some(())
    }

    #[inline(always)]
    fn counts(&self, value: f64, at: usize) -> bool {
        !value.is_nan()
            && !self.nodata.contains(&value)
            && (self.valid.is_empty() || self.valid[at] != 0)
    }

    /// Removes the values from place `from` on that have no data; the first of them is that of sample `at`.
    #[inline(always)]
    fn drop_missing(&self, values: &mut Vec<f64>, from: usize, at: usize) {
        let new = &values[from..];
        let mut missing = new.iter().fold(false, |any, v| any | v.is_nan());
        for &none in self.nodata {
            missing |= new.iter().fold(false, |any, &v| any | (v == none));
        }
        if !self.valid.is_empty() {
            missing |= self.valid[at..at + new.len()].contains(&0);
        }
        if !missing {
            return;
        }
        let mut kept = from;
        for i in from..values.len() {
            let value = values[i];
            if self.counts(value, at + i - from) {
                values[kept] = value;
                kept += 1;
            }
        }
        values.truncate(kept);
    }
}
