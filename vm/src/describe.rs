//! Names of running operations for warnings: the " in addition (+)" after a message.
//!
//! The running instruction says what perl's op is: an atom that came out of a macro op carries the op's name
//! (`Chunk::sites`), a call of a runtime entry has the entry's name. Where one entry serves several operators,
//! its immediate says which.

use crate::Vm;
use keshi_l1::chunk::Ins;
use keshi_l1::view::View;

impl Vm {
    /// ` in addition (+)`, empty if the running operation has no name.
    pub fn in_op(&self) -> String {
        let op = self.op_description();
        if op.is_empty() { op } else { format!(" in {op}") }
    }

    /// perl's description of the running op ("addition (+)"), empty if unknown.
    pub fn op_description(&self) -> String {
        let Some(f) = self.frames.last() else { return String::new() };
        let pc = self.pc_index(self.frames.len() - 1);
        let c = &f.linked.chunk;
        let ins = c.code.get(pc as usize);
        if let Some(text) = ins.and_then(running_entry) {
            return text.to_string();
        }
        let i = c.sites.partition_point(|s| s.pc <= pc);
        let Some(site) = i.checked_sub(1).map(|i| &c.sites[i]) else { return String::new() };
        let name = site.op.trim_start_matches("brn.").trim_start_matches("br.");
        describe(name).to_string()
    }
}

/// Description of the runtime entry that `ins` calls.
fn running_entry(ins: &Ins) -> Option<&'static str> {
    let v = View::new(ins)?;
    if !v.is_rt() {
        return atom(v.info.name);
    }
    let imm = |name| v.info.operand(name).map_or(0, |(i, _)| v.value(i));
    let text = match v.info.name {
        "opassign" | "hv.opassign" => operator(imm("op")),
        "int.op" => operator(imm("op") | INTEGER),
        "filetest" | "filetest.stacked" => filetest(imm("op") as u8),
        name => describe(name),
    };
    if text.is_empty() { None } else { Some(text) }
}

/// Atoms that convert their operands themselves.
fn atom(name: &str) -> Option<&'static str> {
    Some(match name {
        "hv.get" | "hv.set" | "hv.elem" => "hash element",
        "hv.has" => "exists",
        "hv.del" => "delete",
        "ref.sv" => "scalar dereference",
        "ref.av" => "array dereference",
        "ref.hv" => "hash dereference",
        "ref.cv" => "subroutine dereference",
        _ => return None,
    })
}

/// Or-ed to an operator's number under `use integer`.
const INTEGER: u64 = 256;

/// Description of a binary operator by its number (see l1-spec/rt/arith.l1).
fn operator(n: u64) -> &'static str {
    if n & INTEGER != 0 {
        let text = match n & !INTEGER {
            1 => "integer addition (+)",
            2 => "integer subtraction (-)",
            3 => "integer multiplication (*)",
            4 => "integer division (/)",
            5 => "integer modulus (%)",
            20 => "integer eq (==)",
            21 => "integer ne (!=)",
            22 => "integer lt (<)",
            23 => "integer le (<=)",
            24 => "integer gt (>)",
            25 => "integer ge (>=)",
            26 => "integer comparison (<=>)",
            _ => "",
        };
        if !text.is_empty() {
            return text;
        }
    }
    describe(match n & !INTEGER {
        1 => "add",
        2 => "sub",
        3 => "mul",
        4 => "div",
        5 => "mod",
        6 => "pow",
        7 => "concat",
        8 => "repeat",
        9 => "shl",
        10 => "shr",
        11 => "bit.and",
        12 => "bit.or",
        13 => "bit.xor",
        14 => "nbit.and",
        15 => "nbit.or",
        16 => "nbit.xor",
        17 => "sbit.and",
        18 => "sbit.or",
        19 => "sbit.xor",
        20 => "eq",
        21 => "ne",
        22 => "lt",
        23 => "le",
        24 => "gt",
        25 => "ge",
        26 => "ncmp",
        27 => "seq",
        28 => "sne",
        29 => "slt",
        30 => "sle",
        31 => "sgt",
        32 => "sge",
        33 => "scmp",
        _ => "",
    })
}

/// `-e` and its kin are their own description.
fn filetest(letter: u8) -> &'static str {
    const NAMES: &[&str] = &[
        "-R", "-W", "-X", "-r", "-w", "-x", "-e", "-s", "-M", "-A", "-C", "-O", "-o", "-z", "-S", "-c", "-b",
        "-f", "-d", "-p", "-u", "-g", "-k", "-l", "-t", "-T", "-B",
    ];
    NAMES.iter().find(|n| n.as_bytes()[1] == letter).copied().unwrap_or("")
}

/// Name of a macro op or runtime entry → perl's op description (perldiag wording).
fn describe(op: &str) -> &'static str {
    match op {
        "add" => "addition (+)",
        "sub" => "subtraction (-)",
        "mul" => "multiplication (*)",
        "div" => "division (/)",
        "mod" => "modulus (%)",
        "pow" => "exponentiation (**)",
        "neg" => "negation (-)",
        "int.neg" => "integer negation (-)",
        "shl" => "left bitshift (<<)",
        "shr" => "right bitshift (>>)",
        "bit.and" => "bitwise and (&)",
        "bit.or" => "bitwise or (|)",
        "bit.xor" => "bitwise xor (^)",
        "bit.not" | "int.not" => "1's complement (~)",
        "nbit.and" => "numeric bitwise and (&)",
        "nbit.or" => "numeric bitwise or (|)",
        "nbit.xor" => "numeric bitwise xor (^)",
        "nbit.not" => "numeric 1's complement (~)",
        "sbit.and" => "string bitwise and (&.)",
        "sbit.or" => "string bitwise or (|.)",
        "sbit.xor" => "string bitwise xor (^.)",
        "sbit.not" => "string 1's complement (~)",
        "preinc" | "hv.preinc" => "preincrement (++)",
        "predec" => "predecrement (--)",
        "postinc" | "hv.postinc" => "postincrement (++)",
        "postdec" => "postdecrement (--)",
        "eq" => "numeric eq (==)",
        "ne" => "numeric ne (!=)",
        "lt" => "numeric lt (<)",
        "le" => "numeric le (<=)",
        "gt" => "numeric gt (>)",
        "ge" => "numeric ge (>=)",
        "ncmp" => "numeric comparison (<=>)",
        "seq" => "string eq",
        "sne" => "string ne",
        "slt" => "string lt",
        "sle" => "string le",
        "sgt" => "string gt",
        "sge" => "string ge",
        "scmp" => "string comparison (cmp)",
        "smartmatch" | "when" => "smart match",
        "isa" => "derived class test",
        "concat" => "concatenation (.) or string",
        "stringify" => "string",
        "repeat" | "repeat.l" => "repeat (x)",
        "join" => "join or string",
        "sprintf" | "sprintf.1" => "sprintf",
        "index" | "index.pos" => "index",
        "rindex" | "rindex.pos" => "rindex",
        "substr" | "substr.len" | "substr.repl" | "substr.lv" => "substr",
        "vec.n" | "vec.lv" => "vec",
        "reverse" | "reverse.l" => "reverse",
        "chop" => "scalar chop",
        "chop.n" => "chop",
        "chomp" => "scalar chomp",
        "chomp.n" | "chomp.hv" => "chomp",
        "unpack" | "unpack.l" => "unpack",
        "trans" | "trans.r" => "transliteration (tr///)",
        "srand" | "srand.auto" => "srand",
        "list.slice" | "list.index" => "list slice",
        "range" | "range.isnum" => "range (or flop)",
        "range.bound" => "foreach loop entry",
        "anon.av" => "anonymous array ([])",
        "anon.hv" => "anonymous hash ({})",
        "sort" | "sort.sub" | "sort.put" => "sort",
        "av.assign" | "av.assign.from" | "hv.assign" | "hv.assign.from" | "list.assign" => "list assignment",
        "av.fetch" | "av.store" | "av.cell" | "av.viv" => "array element",
        "hv.cell" | "hv.viv" => "hash element",
        "av.exists" | "hv.exists" => "exists",
        "av.delete" | "hv.delete" | "av.delete.slice" | "hv.delete.slice" | "av.delete.kv"
        | "hv.delete.kv" => "delete",
        "av.slice" | "av.slice.lv" => "array slice",
        "hv.slice" | "hv.slice.lv" => "hash slice",
        "av.kvslice" => "index/value array slice",
        "hv.kvslice" => "key/value hash slice",
        "splice" | "splice.l" => "splice",
        "push.1" | "push" => "push",
        "match" | "match.g" | "match.l" | "match.gl" => "pattern match (m//)",
        "subst.begin" | "subst.next" | "subst.end" | "subst.k" => "substitution (s///)",
        "backtick" | "backtick.l" => "quoted execution (``, qx)",
        "gv.slot" => "glob elem",
        "meth.dyn" => "method lookup",
        "subst.put" => "substitution iterator",
        "rx.build" | "rx.value" => "regexp compilation",
        "split" | "split.n" => "split",
        "pos" | "pos.set" | "pos.lv" => "match position",
        "readline" | "readline.l" => "<HANDLE>",
        "print" | "print.1" => "print",
        "say" | "say.1" => "say",
        "exit" => "exit",
        "require" | "require.expr" => "require",
        "do.file" | "do.file.l" => "do \"file\"",
        "eval.compile" | "evalbytes.compile" => "eval \"string\"",
        "caller" | "caller.n.l" => "caller",
        "ref.new" => "single ref constructor",
        "ref" => "reference-type operator",
        "defined" => "defined operator",
        "flip.line" => "range (or flip)",
        "prototype" => "subroutine prototype",
        "reset" => "symbol reset",
        "stat" | "stat.l" => "stat",
        "lstat" | "lstat.l" => "lstat",
        "system" | "system.prog" => "system",
        "exec" | "exec.prog" => "exec",
        "localtime" | "localtime.l" => "localtime",
        "gmtime" | "gmtime.l" => "gmtime",
        "chdir" | "chdir.home" => "chdir",
        "select.n" | "select.n.l" => "select system call",
        "readdir" | "readdir.l" => "readdir",
        "socketpair" => "socketpair",
        _ => same(op),
    }
}

/// Builtins whose entry, Perl name and description are one word.
fn same(op: &str) -> &'static str {
    const WORDS: &[&str] = &[
        "abs",
        "accept",
        "alarm",
        "atan2",
        "bind",
        "binmode",
        "bless",
        "chmod",
        "chown",
        "chr",
        "chroot",
        "close",
        "closedir",
        "connect",
        "cos",
        "crypt",
        "die",
        "each",
        "eof",
        "exp",
        "fc",
        "fcntl",
        "fileno",
        "flock",
        "fork",
        "formline",
        "getc",
        "getpeername",
        "getpgrp",
        "getpriority",
        "getsockname",
        "getsockopt",
        "hex",
        "int",
        "ioctl",
        "keys",
        "kill",
        "lc",
        "lcfirst",
        "length",
        "link",
        "listen",
        "log",
        "mkdir",
        "not",
        "oct",
        "open",
        "opendir",
        "ord",
        "pack",
        "pipe",
        "pop",
        "printf",
        "quotemeta",
        "rand",
        "read",
        "readlink",
        "recv",
        "rename",
        "rewinddir",
        "rmdir",
        "seek",
        "seekdir",
        "select",
        "send",
        "setpgrp",
        "setpriority",
        "setsockopt",
        "shift",
        "shutdown",
        "sin",
        "sleep",
        "socket",
        "sqrt",
        "study",
        "symlink",
        "syscall",
        "sysopen",
        "sysread",
        "sysseek",
        "syswrite",
        "tell",
        "telldir",
        "tie",
        "tied",
        "truncate",
        "uc",
        "ucfirst",
        "umask",
        "unlink",
        "unshift",
        "untie",
        "utime",
        "waitpid",
        "warn",
        "xor",
    ];
    WORDS.binary_search(&op).map_or("", |i| WORDS[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions() {
        assert_eq!(describe("hex"), "hex");
        assert_eq!(describe("xor"), "xor");
        assert_eq!(describe("seq"), "string eq");
        assert_eq!(operator(7), "concatenation (.) or string");
        assert_eq!(operator(1 | INTEGER), "integer addition (+)");
        assert_eq!(filetest(b'e'), "-e");
        assert_eq!(describe("p.drop"), "");
    }
}
