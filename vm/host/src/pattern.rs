//! Patterns compiled at compile time, for what there is to say about them.

use crate::begin::host_error;
use crate::hints;
use keshi_frontend::ast::*;
use keshi_frontend::host::*;
use keshi_vm::Vm;
use keshi_vm::rt::regex::{Place, compile_ahead};

/// Compiles a complete pattern as the place of the compilation wants it.
pub fn check(
    vm: &mut Vm,
    pattern: &PStr,
    flags: u32,
    blocks: &[(usize, usize)],
    ctx: &mut BeginCtx<'_>,
) -> HostResult<PatternReport> {
    let debug = ctx.hints.lookup("regcomp").is_some();
    let saved = hints::enter(vm, ctx.hints);
    let place = Place { package: ctx.place.package.as_bytes(), hints: ctx.hints.bits, debug };
    let r = compile_ahead(vm, &pattern.bytes, pattern.utf8, flags, blocks, &place);
    hints::restore(vm, saved);
    let said = r.map_err(|e| host_error(vm, e))?;
    if let Some(l) = &said.listing {
        vm.write_stderr_str(l, pattern.utf8);
    }
    let text = |b: Vec<u8>| PStr::new(b, pattern.utf8);
    Ok(PatternReport {
        warnings: said.warnings.into_iter().map(|(c, m)| (c, text(m))).collect(),
        error: said.error.map(|(b, utf8)| PStr::new(b, utf8)),
    })
}
