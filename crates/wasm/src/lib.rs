//! Backfile in the browser.
