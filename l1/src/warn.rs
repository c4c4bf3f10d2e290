//! Warning categories with the offsets that perl 5.42 uses in `${^WARNING_BITS}` (two bits each: on, fatal). The
//! frontend asks for them while it parses, the runtime while it runs.

macro_rules! cats { ($($id:ident = $n:expr, $name:literal;)*) => {
    $(pub const $id: u32 = $n;)*
    /// Category names by offset.
    pub const NAMES: &[(u32, &str)] = &[$(($n, $name),)*];
} }
cats! {
    ALL = 0, "all";
    CLOSURE = 1, "closure";
    DEPRECATED = 2, "deprecated";
    EXITING = 3, "exiting";
    GLOB = 4, "glob";
    IO = 5, "io";
    CLOSED = 6, "closed";
    EXEC = 7, "exec";
    LAYER = 8, "layer";
    NEWLINE = 9, "newline";
    PIPE = 10, "pipe";
    UNOPENED = 11, "unopened";
    MISC = 12, "misc";
    NUMERIC = 13, "numeric";
    ONCE = 14, "once";
    OVERFLOW = 15, "overflow";
    PACK = 16, "pack";
    PORTABLE = 17, "portable";
    RECURSION = 18, "recursion";
    REDEFINE = 19, "redefine";
    REGEXP = 20, "regexp";
    SEVERE = 21, "severe";
    DEBUGGING = 22, "debugging";
    INPLACE = 23, "inplace";
    INTERNAL = 24, "internal";
    MALLOC = 25, "malloc";
    SIGNAL = 26, "signal";
    SUBSTR = 27, "substr";
    SYNTAX = 28, "syntax";
    AMBIGUOUS = 29, "ambiguous";
    BAREWORD = 30, "bareword";
    DIGIT = 31, "digit";
    PARENTHESIS = 32, "parenthesis";
    PRECEDENCE = 33, "precedence";
    PRINTF = 34, "printf";
    PROTOTYPE = 35, "prototype";
    QW = 36, "qw";
    RESERVED = 37, "reserved";
    SEMICOLON = 38, "semicolon";
    TAINT = 39, "taint";
    THREADS = 40, "threads";
    UNINITIALIZED = 41, "uninitialized";
    UNPACK = 42, "unpack";
    UNTIE = 43, "untie";
    UTF8 = 44, "utf8";
    VOID = 45, "void";
    IMPRECISION = 46, "imprecision";
    ILLEGALPROTO = 47, "illegalproto";
    DEPRECATED_GOTO_CONSTRUCT = 48, "deprecated::goto_construct";
    DEPRECATED_UNICODE_PROPERTY_NAME = 49, "deprecated::unicode_property_name";
    NON_UNICODE = 50, "non_unicode";
    NONCHAR = 51, "nonchar";
    SURROGATE = 52, "surrogate";
    EXPERIMENTAL = 53, "experimental";
    EXPERIMENTAL_REGEX_SETS = 54, "experimental::regex_sets";
    SYSCALLS = 55, "syscalls";
    EXPERIMENTAL_RE_STRICT = 56, "experimental::re_strict";
    EXPERIMENTAL_REFALIASING = 57, "experimental::refaliasing";
    LOCALE = 58, "locale";
    MISSING = 59, "missing";
    REDUNDANT = 60, "redundant";
    EXPERIMENTAL_DECLARED_REFS = 61, "experimental::declared_refs";
    DEPRECATED_DOT_IN_INC = 62, "deprecated::dot_in_inc";
    SHADOW = 63, "shadow";
    EXPERIMENTAL_PRIVATE_USE = 64, "experimental::private_use";
    EXPERIMENTAL_UNIPROP_WILDCARDS = 65, "experimental::uniprop_wildcards";
    EXPERIMENTAL_VLB = 66, "experimental::vlb";
    EXPERIMENTAL_TRY = 67, "experimental::try";
    EXPERIMENTAL_ARGS_ARRAY_WITH_SIGNATURES = 68, "experimental::args_array_with_signatures";
    EXPERIMENTAL_BUILTIN = 69, "experimental::builtin";
    EXPERIMENTAL_DEFER = 70, "experimental::defer";
    EXPERIMENTAL_EXTRA_PAIRED_DELIMITERS = 71, "experimental::extra_paired_delimiters";
    SCALAR = 72, "scalar";
    DEPRECATED_VERSION_DOWNGRADE = 73, "deprecated::version_downgrade";
    DEPRECATED_DELIMITER_WILL_BE_PAIRED = 74, "deprecated::delimiter_will_be_paired";
    EXPERIMENTAL_CLASS = 75, "experimental::class";
    DEPRECATED_MISSING_IMPORT_CALLED_WITH_ARGS = 76, "deprecated::missing_import_called_with_args";
    DEPRECATED_SUBSEQUENT_USE_VERSION = 77, "deprecated::subsequent_use_version";
    EXPERIMENTAL_KEYWORD_ALL = 78, "experimental::keyword_all";
    EXPERIMENTAL_KEYWORD_ANY = 79, "experimental::keyword_any";
}

/// Categories perl reports even without any switch (default-on).
pub fn default_on(c: u32) -> bool {
    matches!(
        c,
        DEPRECATED
            | DEPRECATED_GOTO_CONSTRUCT
            | GLOB
            | INPLACE
            | INTERNAL
            | DEBUGGING
            | MALLOC
            | SEVERE
            | EXPERIMENTAL
            | LOCALE
            | DEPRECATED_DOT_IN_INC
            | EXPERIMENTAL_REGEX_SETS
            | EXPERIMENTAL_RE_STRICT
            | EXPERIMENTAL_VLB
            | EXPERIMENTAL_BUILTIN
    )
}

/// Offset of a category name.
pub fn by_name(name: &str) -> Option<u32> {
    NAMES.iter().find(|(_, n)| *n == name).map(|(c, _)| *c)
}
