//! Objects that are made field by field.
//!
//! What is handed out before a first search has its answer does not go through serde, whose code for
//! it would be a kilobyte of the engine's first part.

use backfile_core::query::{ArchiveInfo, Pack, Read};
use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Object)]
    type Plain;
    #[wasm_bindgen(constructor, js_class = Object)]
    fn new() -> Plain;
    #[wasm_bindgen(method, indexing_setter)]
    fn set(this: &Plain, field: &str, value: &JsValue);
}

/// An object with these fields. (Not inlined: each copy would be more of the engine.)
#[inline(never)]
pub(crate) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Plain::new();
    for (field, value) in fields {
        object.set(field, value);
    }
    object.into()
}

/// `ArchiveInfo` of `types.rs`.
pub(crate) fn info(info: ArchiveInfo) -> JsValue {
    let text = |text: Option<String>| text.map_or(JsValue::NULL, JsValue::from);
    object(&[
        ("title", info.title.into()),
        ("language", info.language.into()),
        ("documents", number(info.documents)),
        ("firstDate", text(info.first_date)),
        ("lastDate", text(info.last_date)),
        ("facets", array(info.facets.into_iter().map(JsValue::from))),
        ("resident", info.resident.into()),
        ("format", info.format.into()),
    ])
}

/// `Read[]` of `types.rs`.
pub(crate) fn reads(reads: Vec<Read>) -> JsValue {
    array(reads.into_iter().map(|read| {
        object(&[
            ("file", read.file.into()),
            ("start", number(read.start)),
            ("bytes", read.bytes.into()),
            ("pack", read.pack.map_or(JsValue::UNDEFINED, pack)),
        ])
    }))
}

fn pack(pack: Pack) -> JsValue {
    object(&[
        ("file", pack.file.into()),
        ("start", number(pack.start)),
        ("total", number(pack.total)),
    ])
}

fn array(values: impl Iterator<Item = JsValue>) -> JsValue {
    values.collect::<Array>().into()
}

/// Places in files and numbers of documents are exact in a number of JavaScript's.
fn number(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}
