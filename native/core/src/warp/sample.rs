//! Sample types: how bytes become samples, and how computed values become samples again.

/// A sample that can be read. `f64` holds every type but the 64-bit integers exactly, and those are only copied.
pub trait Sample: Copy + Send + Sync {
    const HAS_NAN: bool;
    fn value(self) -> f64;
    /// NaN is no data in float samples.
    fn is_nan(self) -> bool;
}

/// A sample that a computed value can become: integers round half up and are clamped to the type, as in GDAL.
pub trait Store: Copy {
    fn store(value: f64) -> Self;
}

macro_rules! integer {
    ($($t:ty),*) => {$(
        impl Sample for $t {
            const HAS_NAN: bool = false;
            #[inline(always)]
            fn value(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                false
            }
        }
    )*};
}

macro_rules! small_integer {
    ($($t:ty, $through:ty, $back:ty);*) => {$(
        impl Store for $t {
            #[inline(always)]
            fn store(value: f64) -> Self {
                const LOW: f64 = <$t>::MIN as f64;
                const HIGH: f64 = <$t>::MAX as f64;
                let shifted = value + 0.5;
                let clamped = if shifted > LOW { if shifted < HIGH { shifted } else { HIGH } } else { LOW };
                // SAFETY: within the type's range, which the type in between holds; NaN became LOW.
                let whole: $through = unsafe { clamped.to_int_unchecked() }; // towards zero
                (whole - <$through>::from(f64::from(whole as $back) > clamped)) as $t
            }
        }
    )*};
}

macro_rules! float {
    ($($t:ty),*) => {$(
        impl Sample for $t {
            const HAS_NAN: bool = true;
            #[inline(always)]
            fn value(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                <$t>::is_nan(self)
            }
        }
        impl Store for $t {
            #[inline(always)]
            fn store(value: f64) -> Self {
                value as $t
            }
        }
    )*};
}

integer!(i8, u8, i16, u16, i32, u32, i64, u64);
small_integer!(i8, i32, i32; u8, i32, i32; i16, i32, i32; u16, i32, i32; i32, i64, i32; u32, i64, u32);
float!(f32, f64);

/// Write the valid values of a line into target bytes, from sample `at` on.
pub type StoreLine = fn(values: &[f64], state: &[u8], target: &mut [u8], at: usize);

/// `StoreLine` for samples of a type, with AVX2 where the processor has it.
pub fn store_line<T: Store>() -> StoreLine {
    #[cfg(target_arch = "x86_64")]
    if crate::simd::avx2() {
        return |values, state, target, at| {
            // SAFETY: the processor has AVX2.
            unsafe { store_avx2::<T>(values, state, target, at) }
        };
    }
    store_any::<T>
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn store_avx2<T: Store>(values: &[f64], state: &[u8], target: &mut [u8], at: usize) {
    store_any::<T>(values, state, target, at);
}

#[inline(always)]
fn store_any<T: Store>(values: &[f64], state: &[u8], target: &mut [u8], at: usize) {
    let Some(target) = typed_mut::<T>(target) else {
        return;
    };
    let target = &mut target[at..at + values.len()];
    // To the end, which is quicker than to the first that is not.
    if state.iter().fold(true, |all, &s| all & (s == super::STATE_VALID)) {
        for (sample, &value) in target.iter_mut().zip(values) {
            *sample = T::store(value);
        }
        return;
    }
    for ((sample, &value), &s) in target.iter_mut().zip(values).zip(state) {
        if s == super::STATE_VALID {
            *sample = T::store(value);
        }
    }
}

/// The bytes as samples, or None where they are not aligned or not a whole number of samples.
pub fn typed<T: Sample>(bytes: &[u8]) -> Option<&[T]> {
    let size = size_of::<T>();
    if !bytes.len().is_multiple_of(size)
        || (!bytes.is_empty() && !(bytes.as_ptr() as usize).is_multiple_of(align_of::<T>()))
    {
        return None;
    }
    if bytes.is_empty() {
        return Some(&[]);
    }
    // SAFETY: aligned, whole, and every bit pattern is a sample.
    Some(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size) })
}

/// As `typed`, to write.
pub fn typed_mut<T: Copy>(bytes: &mut [u8]) -> Option<&mut [T]> {
    let size = size_of::<T>();
    if !bytes.len().is_multiple_of(size)
        || (!bytes.is_empty() && !(bytes.as_ptr() as usize).is_multiple_of(align_of::<T>()))
    {
        return None;
    }
    if bytes.is_empty() {
        return Some(&mut []);
    }
    // SAFETY: aligned, whole, and every bit pattern is a sample.
    Some(unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len() / size) })
}
