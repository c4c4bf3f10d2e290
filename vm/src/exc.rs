//! What travels upward when a statement does not end normally.

use keshi_value::{Array, Code, Ptr, Val};

/// Result of everything that may die.
pub type R<T> = Result<T, Box<Exc>>;

/// An exception or a non-local transfer of control. Boxed, so that `R<()>` is one word.
#[derive(Debug)]
pub enum Exc {
    /// `die`: the value for `$@`.
    Die(Val),
    /// `next/last/redo` that left the sub it was written in; `None`: innermost loop.
    Loop { kind: LoopKind, label: Option<Box<[u8]>> },
    /// `goto LABEL` that left the sub it was written in.
    Goto(Box<[u8]>),
    /// `exit N`, already past END-block decision: unwinds everything.
    Exit(i32),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopKind {
    Next,
    Last,
    Redo,
}

/// Calling context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Want {
    Void = 0,
    Scalar = 1,
    List = 2,
}

impl Want {
    pub fn from_u32(n: u32) -> Want {
        match n {
            0 => Want::Void,
            1 => Want::Scalar,
            _ => Want::List,
        }
    }
}

/// What the caller does with the values of an `:lvalue` sub.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CallLv {
    /// Takes copies.
    #[default]
    None,
    /// Takes aliases where it gets them.
    Alias,
    /// Assigns.
    Assign,
}

/// What a sub gave back.
#[derive(Default)]
pub enum Ret {
    #[default]
    Void,
    Scalar(Val),
    List(Ptr<Array>),
}

impl Ret {
    /// In scalar context: the value, the last element of a list, or undef.
    pub fn scalar(self) -> Val {
        match self {
            Ret::Void => Val::undef(),
            Ret::Scalar(v) => v,
            Ret::List(l) => l.as_slice().last().map_or(Val::undef(), |v| v.resolve().clone()),
        }
    }
    /// As a list.
    pub fn list(self) -> Ptr<Array> {
        match self {
            Ret::Void => Array::new(),
            Ret::Scalar(v) => Array::from_vec(vec![v]),
            Ret::List(l) => l,
        }
    }
    pub fn bool(b: bool) -> Ret {
        Ret::Scalar(Val::bool(b))
    }
    pub fn empty() -> Ret {
        Ret::List(Array::new())
    }
}

/// A sub written in Rust.
pub type NativeFn = fn(&mut crate::Vm, &Ptr<Array>, Want, &Ptr<Code>) -> R<Ret>;
