# Everyday commands. `just` lists them.

[private]
default:
    @just --list --unsorted

# Is the tree fit to land? Quick form of .ci/run.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo xtask lint
    cargo xtask licenses

# All tests, or those of one crate: just test -p keshi-l1
test *ARGS:
    cargo test {{ if ARGS == "" { "--workspace" } else { ARGS } }}

# The Perl programs, in all modes or as named: just perl queens::fused
perl *FILTER:
    cargo test --test perl_programs -- {{FILTER}}

# Record what real perl does with tests/perl
bless PERL *NAMES:
    cargo xtask bless-perl --perl {{PERL}} {{NAMES}}

# Ratios to perl
bench *ARGS:
    cargo build --release
    cargo xtask bench {{ARGS}}

fmt:
    cargo fmt --all

# Run a program with the debug build: just run -e 'print 1'
run *ARGS:
    cargo run --quiet -- {{ARGS}}

# What CI runs
ci:
    .ci/run
