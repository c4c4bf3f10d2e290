//! Long options about speed: which tier runs, what it shows.

use crate::options::{Jit, Options, Parallel, Stage};
use keshi_jit::{Cranelift, Show};
use keshi_vm::Vm;
use keshi_vm::report;
use std::rc::Rc;

/// Loop passes or calls before a chunk is compiled.
const HOT: u32 = 800;

/// Installs the compiler as the options want it.
pub fn install(vm: &mut Vm, o: &Options) {
    let t = &o.tuning;
    if t.jit == Jit::Off {
        vm.hot = 0;
        return;
    }
    vm.hot = t.hot.unwrap_or(HOT).max(1);
    let mut show = Show::default();
    let mut glob = None;
    for d in &t.dumps {
        match d.stage {
            Stage::Clif => show.clif = true,
            Stage::Asm => show.asm = true,
            _ => continue,
        }
        glob = d.glob.clone().or(glob);
    }
    let mut options = keshi_jit::Options { stress_exits: t.stress_exits, show, ..Default::default() };
    options.parallel = match t.parallel {
        Parallel::Auto => keshi_jit::Parallel::Auto,
        Parallel::Off => keshi_jit::Parallel::Off,
        Parallel::Force => keshi_jit::Parallel::Force,
        Parallel::Report => keshi_jit::Parallel::Report,
    };
    options.threads = t.threads;
    options.explain = t.explain;
    options.report = t.explain || t.parallel == Parallel::Report;
    if show.clif || show.asm {
        options.dump =
            Some(Rc::new(|title: &str, text: &str| report::out(format_args!("; {title}\n{text}\n"))));
        options.wanted = glob.map(|g| {
            Rc::new(move |n: &str| keshi_host::Dumps { only: Some(g.clone()), ..Default::default() }.wants(n))
                as Rc<dyn Fn(&str) -> bool>
        });
    }
    vm.tier = Some(Box::new(Cranelift::new(options)));
}

/// Counters for `--stats`.
pub fn report(vm: &Vm, o: &Options) {
    if !o.tuning.stats {
        return;
    }
    report::err(format_args!("subs compiled to L1: {}\n", vm.rtstate.subs_compiled));
    match &vm.tier {
        Some(t) => report::err(format_args!("{}\n", t.stats())),
        None => report::err(format_args!("jit: off\n")),
    }
}
