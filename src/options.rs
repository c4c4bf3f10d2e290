//! What one run of `keshi` is asked to do: plain data between the command line and the engine.
//!
//! Everything of perl's command line that perl itself expresses as program text (`-n`, `-p`,
//! `-a`, `-F`, the line handling of `-l`, `-M`, `-E`) arrives as [`Program::prologue`] and
//! [`Program::epilogue`]; the rest is a field of [`Options`]. Strings are bytes as the system
//! gave them.

use std::path::PathBuf;

/// One run of a Perl program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    pub program: Program,
    /// `@ARGV`; with `-CA` (see [`Options::unicode`]) the engine decodes them.
    pub args: Vec<Vec<u8>>,
    /// `-s`: package variables of `main` to set before anything runs; `None` stands for 1.
    pub switch_vars: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// `-w`, `-W`, `-X`: the start value of `$^W` and whether lexical warnings count.
    pub warnings: Warnings,
    /// `-t`, `-T`: the value of `${^TAINT}`.
    pub taint: Taint,
    /// `-U`.
    pub unsafe_operations: bool,
    /// `-c`: stop after BEGIN, UNITCHECK and CHECK blocks with "NAME syntax OK".
    pub check_only: bool,
    /// `-d`: the start value of `$^P` asks for everything.
    pub debugger: bool,
    /// `-i`: the value of `$^I`.
    pub in_place: Option<Vec<u8>>,
    /// The start value of `$/`.
    pub input_separator: Separator,
    /// The start value of `$\`.
    pub output_separator: Option<Separator>,
    /// `-I` and then `PERL5LIB`: the directories in front of the standard ones in `@INC`.
    pub include: Vec<Vec<u8>>,
    /// `${^UNICODE}`: the bits of `-C` and `PERL_UNICODE`.
    pub unicode: u32,
    pub tuning: Tuning,
}

/// Where the program text comes from, and the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// `$0`, and the file name in messages.
    pub name: Vec<u8>,
    pub origin: Origin,
    /// The text from line 1 on. Under `-x` that is the `#!` line.
    pub text: Vec<u8>,
    /// Bytes of the file before `text`, for the position of the DATA handle.
    pub skipped: u64,
    /// Source text that is compiled before line 1, as line 0: its messages have no "at FILE
    /// line N". Ends inside of a loop under `-n` and `-p`. May be empty.
    pub prologue: Vec<u8>,
    /// Source text that is compiled where the program ends: at the end of `text`, or at its
    /// `__END__`, `__DATA__`, control-D or control-Z. May be empty.
    pub epilogue: Vec<u8>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// `-e` and `-E`.
    #[default]
    CommandLine,
    /// What follows `__END__` in the text is read through `main::DATA`.
    File(PathBuf),
    /// What follows `__END__` in the text is the rest of standard input.
    Stdin,
    /// Only the prologue runs (`-V`).
    Nothing,
}

/// A value of `$/` or `$\`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Separator {
    Undef,
    /// Bytes; `utf8` when they hold one character above 255 in perl's encoding.
    Text {
        bytes: Vec<u8>,
        utf8: bool,
    },
}

impl Separator {
    pub fn bytes(bytes: &[u8]) -> Separator {
        Separator::Text { bytes: bytes.to_vec(), utf8: false }
    }
}

impl Default for Separator {
    fn default() -> Separator {
        Separator::bytes(b"\n")
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Warnings {
    /// Lexical warnings only.
    #[default]
    Lexical,
    /// `-w`: on wherever `use warnings` and `no warnings` say nothing.
    On,
    /// `-W`: all of them, whatever the program says.
    All,
    /// `-X`: none, whatever the program says.
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Taint {
    #[default]
    Off,
    /// `-t`.
    Warn,
    /// `-T`.
    On,
}

/// Keshi's own long options: how the program is executed and what is shown of it. None of them
/// changes what the program does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tuning {
    pub dumps: Vec<Dump>,
    /// `--l1-macro FILE`.
    pub macro_files: Vec<PathBuf>,
    /// `--explain`: why loops were or were not compiled and run in parallel.
    pub explain: bool,
    /// `--stats`: counters to standard error at the end.
    pub stats: bool,
    pub jit: Jit,
    /// `--hot=N`: the number of loop passes or calls after which a chunk is compiled.
    pub hot: Option<u32>,
    /// `--fuse=off`: no overlay fusion in the dispatch loop.
    pub no_fusion: bool,
    /// `--stress=exit`: every side exit of compiled code is taken now and then.
    pub stress_exits: bool,
    pub parallel: Parallel,
    /// `--threads=N`: how many threads a parallel loop may use (all processors otherwise).
    pub threads: Option<u32>,
    /// `--verify`, `--verify=off`: the L1 verifier looks at every chunk before it runs, and the chunk must survive
    /// its text form. Debug builds do it unless told not to.
    pub verify: Option<bool>,
}

/// `--dump=WHAT[:GLOB]`: show a stage of the code of every sub whose name fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump {
    pub stage: Stage,
    /// `*` and `?` stand for any characters and any one; `None` means all.
    pub glob: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Ast,
    Ops,
    L1,
    Opt,
    Clif,
    Asm,
    Par,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jit {
    Off,
    /// Compile beside the running program.
    #[default]
    On,
    /// Compile at once and wait.
    Sync,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parallel {
    #[default]
    Auto,
    Off,
    /// Every loop that may be, however short.
    Force,
    /// Decide and report, but run sequentially.
    Report,
}
