//! Names of running operations and variables for warnings: " in addition (+)", "$x".

use crate::Vm;

impl Vm {
    /// What follows `Use of uninitialized value`: variable name and operation, as far as known.
    pub fn uninit_description(&self) -> String {
        let op = self.op_description();
        if op.is_empty() { String::new() } else { format!(" in {op}") }
    }

    /// perl's description of the running op ("addition (+)"), empty if unknown.
    pub fn op_description(&self) -> String {
        let Some(f) = self.frames.last() else { return String::new() };
        let pc = self.pc_index(self.frames.len() - 1);
        let c = &f.linked.chunk;
        let i = c.sites.partition_point(|s| s.pc <= pc);
        let Some(site) = i.checked_sub(1).map(|i| &c.sites[i]) else { return String::new() };
        describe(&site.op).to_string()
    }
}

/// Op name → perl's op description (perldiag wording).
fn describe(op: &str) -> &'static str {
    match op {
        "add" => "addition (+)",
        "sub" => "subtraction (-)",
        "mul" => "multiplication (*)",
        "div" => "division (/)",
        "mod" => "modulus (%)",
        "pow" => "exponentiation (**)",
        "concat" => "concatenation (.) or string",
        _ => "",
    }
}
