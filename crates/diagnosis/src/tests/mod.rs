//! The rules held against tables of evidence.

mod apply;
mod given;
mod properties;
mod readme;
mod table;
mod words;
