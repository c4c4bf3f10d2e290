//! A new interpreter: stashes, the globs the runtime uses, built-in subs.

use crate::frame::ValueStack;
use crate::{Ret, Vm, Wellknown, rt};
use keshi_value::glob::StashInfo;
use keshi_value::obj::Obj;
use keshi_value::{Glob, Hash, Ptr, Val};
use std::collections::HashMap;

/// A glob made before the interpreter exists.
fn early(main: &Ptr<Hash>, name: &str) -> Ptr<Glob> {
    let g = Glob::new(Val::bytes(name), Val::bytes("main"));
    main.set_raw(&keshi_value::hash::Key::ascii(name), Val::glob(g.clone()));
    g
}

impl Vm {
    pub fn new() -> Box<Vm> {
        keshi_value::obj::set_needs_destroy(crate::sync::needs_destroy);
        let main = Hash::new();
        main.hdr().ext_mut().stash_info =
            Some(Box::new(StashInfo { name: Val::bytes("main"), ..Default::default() }));
        let e = |n: &str| early(&main, n);
        let gv = Wellknown {
            defgv: e("_"),
            errgv: e("@"),
            ofs: e(","),
            ors: e("\\"),
            rs: e("/"),
            listsep: e("\""),
            subsep: e(";"),
            stdin: e("STDIN"),
            stdout: e("STDOUT"),
            stderr: e("STDERR"),
            argv: e("ARGV"),
            argvout: e("ARGVOUT"),
            inc: e("INC"),
            env: e("ENV"),
            sig: e("SIG"),
            script_name: e("0"),
            child_status: e("?"),
            sort_a: e("a"),
            sort_b: e("b"),
        };
        let stack = ValueStack::new();
        let fp = stack.base();
        let base_time = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_secs() as i64);
        let mut vm = Box::new(Vm {
            stack,
            fp,
            pc: std::ptr::null(),
            frames: Vec::new(),
            dyns: Vec::new(),
            named_at: 0,
            ret: Ret::Void,
            exc: None,
            caught: None,
            selected: gv.stdout.clone(),
            main,
            gv,
            last_match: None,
            compiler: None,
            dash_w: false,
            no_warn: false,
            call_lv: Default::default(),
            immortals: [Val::undef(), Val::bool(true), Val::bool(false)].map(|v| {
                let s = keshi_value::Scalar::new(v);
                s.hdr().set(keshi_value::obj::flag::READONLY, true);
                s
            }),
            all_warn: false,
            dash_t_taint: false,
            phase: "START",
            base_time,
            end_blocks: Vec::new(),
            evals: 0,
            in_eval: 0,
            compiling: 0,
            natives: HashMap::new(),
            proto_cells: HashMap::new(),
            rtstate: rt::State::default(),
            fuse: true,
            tier: None,
            hot: 0,
            nested: 0,
            srand_called: false,
            pending_eval_text: None,
            pending_sort: false,
            pending_begin: None,
        });
        for name in ["_", "@", ",", "\\", "/", "\"", ";", "ENV", "SIG", "0", "?"] {
            let g = vm.gv_str(name);
            vm.init_special(&g, name.as_bytes());
        }
        let err = vm.gv.errgv.scalar().clone();
        err.set(Val::bytes(""));
        vm.gv_str("main::\x01").scalar().set(Val::bytes(""));
        // What a compiled program leaves behind: the mark of a block's scope.
        vm.rtstate.hints = 0x100;
        let status = vm.gv.child_status.scalar().clone();
        status.set(Val::int(0));
        let main = vm.main.clone();
        vm.set_magic(&*main, crate::magic::Magic::Stash);
        rt::io::init(&mut vm);
        vm
    }
}
