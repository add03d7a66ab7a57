//! Chunks of an array in C order: which there are, and their samples one behind the other.

/// An array in memory and the chunks that it is cut into; both have the same number of dimensions.
pub struct Grid {
    shape: Vec<usize>,
    chunk: Vec<usize>,
    /// Chunks along every dimension.
    counts: Vec<usize>,
    element: usize,
}

impl Grid {
    /// None where a size is 0, or the numbers do not fit `bytes` of samples of `element` bytes.
    pub fn new(shape: &[u32], chunk: &[u32], element: usize, bytes: usize) -> Option<Self> {
        let sizes = |list: &[u32]| list.iter().map(|&size| size as usize).collect::<Vec<_>>();
        let (shape, chunk) = (sizes(shape), sizes(chunk));
        let product = |sizes: &[usize]| sizes.iter().try_fold(element, |product, &size| product.checked_mul(size));
        let fits = shape.len() == chunk.len() && ![&shape, &chunk].iter().any(|sizes| sizes.contains(&0));
        if !fits || ![1, 2, 4, 8].contains(&element) || product(&shape)? != bytes || product(&chunk)? > i32::MAX as usize {
            return None;
        }
        let counts = shape.iter().zip(&chunk).map(|(size, chunk)| size.div_ceil(*chunk)).collect();
        Some(Grid { shape, chunk, counts, element })
    }

    /// Number of chunks.
    pub fn len(&self) -> usize {
        self.counts.iter().product()
    }

    pub fn chunk_bytes(&self) -> usize {
        self.chunk.iter().product::<usize>() * self.element
    }

    /// Copy the samples of chunk `number` (in C order) into `chunk`, of `chunk_bytes`; those that the array does not have
    /// stay as they are.
    pub fn gather(&self, number: usize, array: &[u8], chunk: &mut [u8]) {
        let Some(last) = self.shape.len().checked_sub(1) else { return chunk.copy_from_slice(array) };
        let start: Vec<usize> = unflatten(number, &self.counts).iter().zip(&self.chunk).map(|(at, size)| at * size).collect();
        let size: Vec<usize> = (0..=last).map(|d| self.chunk[d].min(self.shape[d] - start[d])).collect();
        let row = size[last] * self.element;
        for number in 0..size[..last].iter().product() {
            let mut at = unflatten(number, &size[..last]);
            at.push(0);
            let to = flatten(&at, &self.chunk) * self.element;
            at.iter_mut().zip(&start).for_each(|(at, start)| *at += start);
            let from = flatten(&at, &self.shape) * self.element;
            chunk[to..to + row].copy_from_slice(&array[from..from + row]);
        }
    }

    /// Whether chunk `number` reaches over the array's end.
    pub fn is_cut(&self, number: usize) -> bool {
        let index = unflatten(number, &self.counts);
        index.iter().zip(&self.chunk).zip(&self.shape).any(|((at, chunk), size)| (at + 1) * chunk > *size)
    }
}

/// The index of the `flat`-th element in C order.
fn unflatten(flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = flat;
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&size| {
            let at = rest % size;
            rest /= size;
            at
        })
        .collect();
    index.reverse();
    index
}

fn flatten(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(shape).fold(0, |flat, (at, size)| flat * size + at)
}
