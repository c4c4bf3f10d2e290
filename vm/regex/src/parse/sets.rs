//! `(?[ ... ])`: extended bracketed classes.

use super::{Parser, Res};
use crate::ast::Node;

impl Parser<'_, '_> {
    /// Just after `(?[`.
    pub(super) fn extended_class(&mut self) -> Res<Node> {
        self.fail("(?[ ]) is not implemented in Keshi")
    }
}
