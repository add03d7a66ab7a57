//! The attribute of the exports, which says something to Node only.
use proc_macro::TokenStream;

/// Leaves the item as it is. Panics are not caught, so that fuzzing sees them.
#[proc_macro_attribute]
pub fn napi(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    item
}
