//! Boundaries of user-perceived characters, words, sentences and lines; script runs.

use crate::ast::Bound;
use crate::utf8;

/// End of the extended grapheme cluster that starts at `pos`.
pub fn cluster_end(s: &[u8], utf8: bool, pos: usize) -> usize {
    if s[pos] == b'\r' && s.get(pos + 1) == Some(&b'\n') {
        return pos + 2;
    }
    if utf8 { pos + utf8::decode(s, pos).1 } else { pos + 1 }
}

/// Is there a boundary at `pos`?
pub fn is_boundary(_s: &[u8], _utf8: bool, _pos: usize, _kind: Bound) -> bool {
    true
}

/// Are the characters of one script run?
pub fn is_script_run(_s: &[u8], _utf8: bool) -> bool {
    true
}
