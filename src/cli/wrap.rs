//! The source text that stands for switches.
//!
//! perl implements its loop switches by text around the program, and programs rely on that:
//! `-ne '… } sub f {'` and `-pe '}{ print $.'` close the loop themselves.

use super::switches::{Debugger, Switches};
use std::os::unix::ffi::OsStringExt;

/// What is compiled before line 1 of the program.
pub fn prologue(switches: &Switches) -> Vec<u8> {
    let mut text = Vec::new();
    if let Some(d) = switches.debugger.as_ref().filter(|d| !d.late) {
        load_debugger(d, &mut text);
    }
    for line in &switches.preamble {
        text.extend_from_slice(line);
        text.push(b';');
    }
    if let Some(d) = switches.debugger.as_ref().filter(|d| d.late) {
        load_debugger(d, &mut text);
    }
    if switches.all_features {
        text.extend_from_slice(b"use feature ':5.42'; use builtin ':5.42';");
    }
    if switches.read_loop || switches.print_loop {
        text.extend_from_slice(b"LINE: while (<>) {");
        if switches.line_ends {
            text.extend_from_slice(b"chomp;");
        }
        if switches.autosplit {
            text.extend_from_slice(b"our @F=split(");
            match &switches.split {
                None => text.extend_from_slice(b"' '"),
                // A pattern that brings its delimiters may have modifiers behind them.
                Some(pattern) if is_delimited(pattern) => text.extend_from_slice(pattern),
                Some(pattern) => {
                    text.extend_from_slice(b"q\0");
                    text.extend_from_slice(pattern);
                    text.push(0);
                }
            }
            text.extend_from_slice(b");");
        }
    }
    text
}

fn load_debugger(d: &Debugger, text: &mut Vec<u8>) {
    match (&d.code, std::env::var_os("PERL5DB")) {
        (Some(code), _) => text.extend_from_slice(code),
        (None, Some(code)) => text.extend(code.into_vec()),
        (None, None) => text.extend_from_slice(b"BEGIN { require 'perl5db.pl' }"),
    }
    text.push(b';');
}

/// What is compiled where the program ends.
pub fn epilogue(switches: &Switches) -> Vec<u8> {
    if switches.print_loop {
        b";}continue{print or die qq(-p destination: $!\\n);}".to_vec()
    } else if switches.read_loop {
        b";}".to_vec()
    } else {
        Vec::new()
    }
}

fn is_delimited(pattern: &[u8]) -> bool {
    match pattern {
        [open @ (b'/' | b'"' | b'\''), rest @ ..] => rest.contains(open),
        _ => false,
    }
}
