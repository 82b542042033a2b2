//! Errors on their way to JavaScript.

use js_sys::{Error, Reflect};
use wasm_bindgen::JsValue;

/// A JavaScript `Error` with the core's stable code and the file's name beside the message.
pub(crate) fn to_js(error: &backfile_core::Error) -> JsValue {
    let js = Error::new(&error.message());
    js.set_name("EngineError");
    for (field, value) in [("code", error.kind().code()), ("file", error.file())] {
        // Setting a field of a fresh, extensible object does not fail.
        let set = Reflect::set(&js, &field.into(), &value.into());
        debug_assert!(set.is_ok());
    }
    js.into()
}
