//! What `-h` and `-v` print.

use keshi_vm::version::PERL_VERSION;

/// `-v`. The second line has the form by which programs recognise a perl.
pub fn version() -> String {
    let (revision, version, subversion) = PERL_VERSION;
    format!(
        "
This is perl {revision}, version {version}, subversion {subversion} (v{revision}.{version}.{subversion}) \
built for {arch}-{os}
in the implementation Keshi {keshi}: Perl {revision}.{version} in Rust, compiled through L1.

Keshi may be used under the MIT license or the Apache License, Version 2.0, at your option.
The language is that of perl, Copyright 1987-2025, Larry Wall, which may be copied under the terms
of either the Artistic License or the GNU General Public License; Keshi contains nothing of its source.
",
        arch = std::env::consts::ARCH,
        os = std::env::consts::OS,
        keshi = env!("CARGO_PKG_VERSION"),
    )
}

/// `-h`.
pub fn usage() -> &'static str {
    "
Usage: keshi (a perl) [switches] [--] [programfile] [arguments]

The program
  -e CODE          one line of the program; may be given several times
  -E CODE          the same, with the features and builtins of the newest version
  -x[DIR]          skip text before the line that starts with #! and contains perl; chdir to DIR
  -S               look for programfile along PATH
  -c               compile only (BEGIN, UNITCHECK and CHECK blocks run)
  -I DIR           put DIR in front of @INC
  -M[-]MOD[=LIST]  use (or no) MOD before the program;  -m: import nothing unless =LIST
Loops over the input
  -n               while (<>) { PROGRAM }
  -p               the same, and print $_ after every pass
  -a               split $_ into @F in every pass (implies -n)
  -F PATTERN       what -a splits at (implies -a and -n)
  -i[EXT]          edit the files in place; keep the old ones with the extension EXT
  -l[OCT]          chomp the input, end what is printed with the character OCT
  -0[OCT|xHEX]     the end of an input record; -00 paragraphs, -0777 or -g whole files
  -s               turn arguments -name=value after programfile into variables
Checks
  -w -W -X         warnings: on, all of them, none
  -t -T            taint checks: warnings, errors
  -U               permit unsafe operations
  -C[BITS|LETTERS] UTF-8 for the standard handles, for files, for arguments
Information
  -v               version
  -V[:NAME]        configuration
  -h               this text

Keshi's own
  --dump=ast|ops|l1|opt|clif|asm|par[:GLOB]   show a stage of the code (of the subs that fit GLOB)
  --explain                                   why loops were compiled or made parallel, or not
  --stats                                     counters at the end of the run
  --l1-macro FILE                             load ops written in L1 (may be repeated)
  --l1-check FILE                             check such a file and stop
  --l1-doc NAME                               describe an op, an atom or a runtime entry
  --jit=off|on|sync   --hot=N                 native code: whether, and after how many passes
  --fuse=on|off                               fusion in the dispatch loop
  --parallel=auto|off|force|report            parallel loops
  --threads=N                                 threads for them
  --verify=on|off   --stress=exit             for work on Keshi itself
"
}
