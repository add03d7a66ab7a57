//! The types of napi that exports take, over Rust memory: the addon's functions run without Node.

pub mod bindgen_prelude {
    use std::marker::PhantomData;
    use std::ops::Deref;

    /// A typed array of the caller for the time of one call.
    pub struct Slice<'a, T> {
        start: *mut T,
        length: usize,
        memory: PhantomData<&'a mut [T]>,
    }

    impl<'a, T> Slice<'a, T> {
        /// Lend the memory.
        pub fn new(memory: &'a mut [T]) -> Self {
            Slice { start: memory.as_mut_ptr(), length: memory.len(), memory: PhantomData }
        }

        /// # Safety
        /// No other reference to the memory may live meanwhile.
        pub unsafe fn as_mut(&mut self) -> &mut [T] {
            // SAFETY: start and length are those of a slice that is lent to `self` alone.
            unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
        }
    }

    impl<T> Deref for Slice<'_, T> {
        type Target = [T];
        fn deref(&self) -> &[T] {
            // SAFETY: start and length are those of a slice that is lent to `self` alone.
            unsafe { std::slice::from_raw_parts(self.start, self.length) }
        }
    }

    pub type Int8ArraySlice<'a> = Slice<'a, i8>;
    pub type Uint8ArraySlice<'a> = Slice<'a, u8>;
    pub type Uint32ArraySlice<'a> = Slice<'a, u32>;
    pub type Int32ArraySlice<'a> = Slice<'a, i32>;
    pub type Float32ArraySlice<'a> = Slice<'a, f32>;
    pub type Float64ArraySlice<'a> = Slice<'a, f64>;

    /// A typed array that outlives the call.
    pub struct Owned<T>(Vec<T>);

    impl<T> Owned<T> {
        pub fn new(memory: Vec<T>) -> Self {
            Owned(memory)
        }

        /// # Safety
        /// No other reference to the memory may live meanwhile.
        pub unsafe fn as_mut(&mut self) -> &mut [T] {
            &mut self.0
        }
    }

    impl<T> Deref for Owned<T> {
        type Target = [T];
        fn deref(&self) -> &[T] {
            &self.0
        }
    }

    pub type Uint8Array = Owned<u8>;
    pub type Int32Array = Owned<i32>;
    pub type Float64Array = Owned<f64>;

    pub struct Error;
    pub type Result<T> = std::result::Result<T, Error>;
    pub struct Env;

    /// Work for a thread of Node's pool.
    pub trait Task {
        type Output;
        type JsValue;
        fn compute(&mut self) -> Result<Self::Output>;
        fn resolve(&mut self, env: Env, output: Self::Output) -> Result<Self::JsValue>;
    }

    /// Work that the caller waits for with `run`.
    pub struct AsyncTask<T>(T);

    impl<T: Task> AsyncTask<T> {
        pub fn new(task: T) -> Self {
            AsyncTask(task)
        }

        /// The result, and the task with what it holds.
        pub fn run(mut self) -> (Option<T::Output>, T) {
            (self.0.compute().ok(), self.0)
        }
    }
}
