use crate::schema::*;

#[test]
fn builtin_loads() {
    let s = crate::builtin_spec().unwrap_or_else(|e| panic!("{e}"));
    assert!(s.atoms.len() <= 224, "the atom count is capped");
    let i = s.atom("br.ntag").unwrap();
    let a = &s.atoms[i as usize];
    assert_eq!(a.operands[1].slot, Slot::Hi);
    assert_eq!(a.operands[2].slot, Slot::Lo);
    assert_eq!(a.proves, [Fact::Tag(0, MaskRef::Opd(1))]);
    let e = s.rt("add").unwrap();
    assert_eq!(s.rts[e as usize].operands.len(), 3);
}

#[test]
fn generators_accept_the_spec() {
    let s = crate::builtin_spec().unwrap_or_else(|e| panic!("{e}"));
    let op = crate::r#gen::op::text(&s);
    assert!(op.contains("pub const I_ADD: u16"));
    let arms = crate::r#gen::dispatch::arms(&s).unwrap();
    let wraps = crate::r#gen::dispatch::wrappers(&s).unwrap();
    assert!(wraps.contains("fn w_s_copy"));
    if let Some(dir) = std::env::var_os("L1_GEN_DIR") {
        let dir = std::path::Path::new(&dir);
        std::fs::write(dir.join("op.rs"), op).unwrap();
        std::fs::write(dir.join("arms.rs"), arms).unwrap();
        std::fs::write(dir.join("wrappers.rs"), wraps).unwrap();
    }
}
