//! Takes the words out of panics that are not Rust's own: those of the bindings. In a page nobody reads them.

use walrus::ir::{self, Instr, InstrSeqId, Visitor};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module};

/// Leaves of every function that never returns the trap at its end. In Rust such a function has the type `!`: all it
/// does before is to tell what has happened. JavaScript takes any trap for an internal error.
pub(crate) fn silence(module: &mut Module) {
    let diverging: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .filter(|(id, function)| {
            module.types.get(module.funcs.get(*id).ty()).results().is_empty() && diverges(function)
        })
        .map(|(id, _)| id)
        .collect();
    for id in diverging {
        let parameters = module.types.get(module.funcs.get(id).ty()).params().to_vec();
        let mut trap = FunctionBuilder::new(&mut module.types, &parameters, &[]);
        trap.func_body().unreachable();
        let parameters = parameters.into_iter().map(|parameter| module.locals.add(parameter)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(parameters));
    }
}

/// Whether a function ends with a trap, and nothing in it leads past that.
fn diverges(function: &LocalFunction) -> bool {
    let body = function.entry_block();
    let mut exits = Exits { body, found: false };
    ir::dfs_in_order(&mut exits, function, body);
    let last = function.block(body).instrs.last();
    !exits.found && matches!(last, Some((Instr::Unreachable(_), _)))
}

/// Looks for ways out of a function before its end.
struct Exits {
    body: InstrSeqId,
    found: bool,
}

impl Visitor<'_> for Exits {
    fn visit_return(&mut self, _: &ir::Return) {
        self.found = true;
    }

    fn visit_instr_seq_id(&mut self, target: &InstrSeqId) {
        self.found |= *target == self.body;
    }
}
