//! `(?{ })`, `(*{ })` and `(??{ })`: the host compiles the block, the engine keeps its handle.

use super::{Parser, Res};
use crate::ast::Node;
use crate::flags::Flags;
use crate::host::CodeId;

impl Parser<'_, '_> {
    /// At the `{`.
    pub(super) fn code_group(&mut self, postponed: bool) -> Res<Node> {
        let id = self.code_block()?;
        if postponed {
            self.postponed.push((id, self.flags_here()));
        }
        Ok(if postponed { Node::Postponed(id) } else { Node::Code { id, optimistic: false } })
    }

    pub(super) fn optimistic_code(&mut self) -> Res<Node> {
        let id = self.code_block()?;
        Ok(Node::Code { id, optimistic: true })
    }

    /// The modifiers in force.
    fn flags_here(&self) -> Flags {
        let f = &self.f;
        Flags { i: f.i, m: f.m, s: f.s, x: f.x, xx: f.xx, n: f.n, charset: f.charset, ..self.flags }
    }

    fn code_block(&mut self) -> Res<CodeId> {
        let at = self.pos;
        let block = match self.blocks.get(&at) {
            Some(b) => *b,
            None => {
                let Some(b) = self.host.code_block(self.p, at)? else {
                    return self.fail_plain("Eval-group not allowed at runtime, use re 'eval'");
                };
                self.blocks.insert(at, b);
                b
            }
        };
        self.pos = at + block.len;
        if self.peek() != Some(b')') {
            return self.fail("Sequence (?{...}) not terminated with ')'");
        }
        self.pos += 1;
        Ok(block.id)
    }
}
