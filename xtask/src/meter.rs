//! Makes WebAssembly count the instructions that it executes: the same on every machine, where times would be noise.

use anyhow::Result;
use std::path::Path;
use walrus::ir::{self, BinaryOp, Instr, InstrLocId, InstrSeq, InstrSeqId, Value, Visitor};
use walrus::{ConstExpr, GlobalId, LocalFunction, Module, ValType};

/// What the count is exported as: an i64.
const EXPORT: &str = "instructions";

/// Writes the module with a counter in it. Every run of instructions that only ends together adds its length to it.
pub(crate) fn meter(from: &Path, to: &Path) -> Result<()> {
    let mut module = Module::from_file(from)?;
    let counter = module.globals.add_local(ValType::I64, true, false, ConstExpr::Value(Value::I64(0)));
    module.exports.add(EXPORT, counter);
    for (_, function) in module.funcs.iter_local_mut() {
        for sequence in sequences(function) {
            count(&mut function.block_mut(sequence).instrs, counter);
        }
    }
    module.emit_wasm_file(to)
}

fn count(instructions: &mut Vec<(Instr, InstrLocId)>, counter: GlobalId) {
    let mut counted = Vec::with_capacity(2 * instructions.len());
    for run in instructions.split_inclusive(|(instruction, _)| may_leave(instruction)) {
        let add = [
            Instr::GlobalGet(ir::GlobalGet { global: counter }),
            Instr::Const(ir::Const { value: Value::I64(run.len() as i64) }),
            Instr::Binop(ir::Binop { op: BinaryOp::I64Add }),
            Instr::GlobalSet(ir::GlobalSet { global: counter }),
        ];
        counted.extend(add.map(|instruction| (instruction, InstrLocId::default())));
        counted.extend_from_slice(run);
    }
    *instructions = counted;
}

/// Whether what follows may be left out.
fn may_leave(instruction: &Instr) -> bool {
    matches!(instruction, Instr::Block(_) | Instr::Loop(_) | Instr::IfElse(_) | Instr::BrIf(_))
}

fn sequences(function: &LocalFunction) -> Vec<InstrSeqId> {
    struct Sequences(Vec<InstrSeqId>);
    impl Visitor<'_> for Sequences {
        fn start_instr_seq(&mut self, sequence: &InstrSeq) {
            self.0.push(sequence.id());
        }
    }
    let mut found = Sequences(Vec::new());
    ir::dfs_in_order(&mut found, function, function.entry_block());
    found.0
}
