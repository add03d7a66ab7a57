//! Arguments made from the bytes that a fuzzer gives: first numbers, then what is left as payload.

/// Numbers that break careless arithmetic.
const ODD: [f64; 16] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -0.0,
    0.5,
    1e-300,
    1e300,
    1e9,
    -1e9,
    1_073_741_824.0,
    2_147_483_648.0,
    4_294_967_296.0,
    9_007_199_254_740_992.0,
    9_223_372_036_854_775_808.0,
    1e-7,
    -1.0,
];

/// Reads from the front; zeros where the bytes end, so that every input is an argument list.
pub struct Input<'a> {
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Input { bytes }
    }

    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        first
    }

    /// Less than `limit`, which is not 0 and at most 65,536.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit <= 256 {
            return usize::from(self.byte()) % limit;
        }
        (usize::from(self.byte()) | usize::from(self.byte()) << 8) % limit
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub fn word(&mut self) -> u32 {
        u32::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// Any double: mostly small with a fraction, sometimes odd, sometimes any bits.
    pub fn number(&mut self) -> f64 {
        match self.byte() {
            tag @ 0..=15 => ODD[usize::from(tag)],
            16..=31 => f64::from_bits(u64::from(self.word()) << 32 | u64::from(self.word())),
            32..=127 => f64::from(self.byte()) - 128.0,
            _ => f64::from(i16::from_le_bytes([self.byte(), self.byte()])) / 256.0,
        }
    }

    pub fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    /// `count` bytes, zeros behind the end.
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        let length = count.min(self.bytes.len());
        let (head, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        let mut bytes = head.to_vec();
        bytes.resize(count, 0);
        bytes
    }

    /// Everything that is left.
    pub fn rest(self) -> Vec<u8> {
        self.bytes.to_vec()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}
