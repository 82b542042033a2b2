//! Cuts the engine into parts, so that nothing waits for more of it than it needs.
//!
//! On a slow link the engine takes longer to arrive than a round trip. Opening an archive and
//! finding out which extents a query needs first takes less than half of its code; with that by
//! itself, the extents can be asked for while the rest is still on its way. And what few searches
//! need, most readers never have to download.
//!
//! Nothing in Rust's sources says which function lies where. The cut is made in the finished module,
//! along its calls. Some exports are named as later ones, in groups: one group for each part behind
//! the first.
//!
//! * The **first** part has all functions that can be reached from the other exports. Each part
//!   behind it has what can be reached from its group and is in no part before; the last one has the
//!   rest. Whatever a `call_indirect` could reach, by its type, counts as reached. So no part can run
//!   into code of one behind it.
//! * The first part also has what all share: memory, tables, globals, data. The others import it,
//!   and what they call of the parts before them.
//! * All exports are exports of the first part: functions there that call through the table, into
//!   which the later parts write themselves when they are instantiated. So callers see one module
//!   with one set of exports, and only have to add the parts in order and in time: a call before
//!   that is a trap.
//!
//! `wasm-split` of Binaryen does the like for functions that were seen to run or not. It is not in
//! Binaryen's npm package, and what runs depends on what was tried.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportSection,
    Function, FunctionSection, GlobalSection, ImportSection, Instruction, MemorySection,
    TableSection, TypeSection,
};
use wasmparser::{
    Data, DataKind, ElementItems, ElementKind, Export, ExternalKind, FuncType, FunctionBody,
    Global, Import, MemoryType, Operator, Parser, Payload, TableType, TypeRef, Validator,
};

/// Cuts a module. `later` has the names of exports that nobody calls before a later part is there, a
/// group for each part.
///
/// The first part is instantiated with the imports of the whole. What each later one imports are the
/// exports of the parts before it: those of the first as `a`, those of the second as `b`.
///
/// # Errors
/// If the module has what compilers do not give an engine like ours, or has no such exports.
pub(crate) fn split(wasm: &[u8], later: &[Vec<String>]) -> Result<Vec<Vec<u8>>, String> {
    let module = Module::parse(wasm).map_err(|error| error.to_string())?;
    let cut = Cut::along(&module, later)?;
    let part = |number| {
        let part = cut.encode(&module, number);
        let part = part.map_err(|error| error.to_string())?;
        let valid = Validator::new().validate_all(&part);
        valid.map_err(|error| format!("part {number} is not valid: {error}"))?;
        Ok(part)
    };
    (0..cut.parts.len()).map(part).collect()
}

/// A module as it is read: functions are numbered through, imported ones first.
#[derive(Default)]
struct Module<'w> {
    types: Vec<FuncType>,
    imports: Vec<Import<'w>>,
    /// The type of each function.
    functions: Vec<u32>,
    tables: Vec<TableType>,
    memories: Vec<MemoryType>,
    globals: Vec<Global<'w>>,
    exports: Vec<Export<'w>>,
    /// What stands in the table of functions, by its place there.
    slots: BTreeMap<u32, u32>,
    bodies: Vec<FunctionBody<'w>>,
    data: Vec<Data<'w>>,
}

impl<'w> Module<'w> {
    fn parse(wasm: &'w [u8]) -> wasmparser::Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            module.take(payload?)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'w>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for types in section.into_iter_err_on_gc_types() {
                    self.types.push(types?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.imports.push(import?);
                }
                for import in &self.imports {
                    if let TypeRef::Func(own) = import.ty {
                        self.functions.push(own);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for own in section {
                    self.functions.push(own?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.exports.push(export?);
                }
            }
            Payload::ElementSection(section) => {
                for element in section {
                    self.take_element(element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(section) => {
                for data in section {
                    self.data.push(data?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_element(&mut self, element: wasmparser::Element<'w>) -> wasmparser::Result<()> {
        let (ElementKind::Active { offset_expr, .. }, ElementItems::Functions(functions)) =
            (element.kind, element.items)
        else {
            return Ok(());
        };
        if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
            for (slot, function) in (value.cast_unsigned()..).zip(functions) {
                self.slots.insert(slot, function?);
            }
        }
        Ok(())
    }

    /// The functions that are imported.
    fn imported(&self) -> u32 {
        (self.functions.len() - self.bodies.len()) as u32
    }

    fn body(&self, function: u32) -> Option<&FunctionBody<'w>> {
        let own = function.checked_sub(self.imported())?;
        self.bodies.get(own as usize)
    }

    fn type_of(&self, function: u32) -> &FuncType {
        &self.types[self.functions[function as usize] as usize]
    }

    /// What a function refers to.
    fn uses(&self, function: u32) -> wasmparser::Result<Uses> {
        let mut uses = Uses::default();
        let Some(body) = self.body(function) else {
            return Ok(uses);
        };
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } | Operator::RefFunc { function_index } => {
                    uses.functions.insert(function_index);
                }
                Operator::CallIndirect {
                    type_index,
                    table_index,
                } => {
                    uses.types.insert(type_index);
                    uses.tables.insert(table_index);
                }
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    uses.globals.insert(global_index);
                }
                Operator::TableGet { table }
                | Operator::TableSet { table }
                | Operator::TableSize { table }
                | Operator::TableGrow { table }
                | Operator::TableFill { table } => {
                    uses.tables.insert(table);
                }
                _ => {}
            }
        }
        Ok(uses)
    }
}

#[derive(Default)]
struct Uses {
    functions: BTreeSet<u32>,
    /// Of functions that are called through a table.
    types: BTreeSet<u32>,
    tables: BTreeSet<u32>,
    globals: BTreeSet<u32>,
}

impl Uses {
    fn add(&mut self, more: Self) {
        self.functions.extend(more.functions);
        self.types.extend(more.types);
        self.tables.extend(more.tables);
        self.globals.extend(more.globals);
    }
}

/// What is somewhere in a module: of which kind, and its number.
type Item = (ExternalKind, u32);

/// Which part has what.
struct Cut {
    parts: Vec<Part>,
    /// The functions behind exports of later parts, each with its place in the table of functions,
    /// behind all that stood there.
    doors: BTreeMap<u32, u32>,
}

#[derive(Default)]
struct Part {
    /// The functions that it has, in order.
    functions: Vec<u32>,
    /// What it uses of the parts before it.
    borrowed: Vec<Item>,
    /// What the parts behind it use of it; the place of each is its name.
    lent: Vec<Item>,
}

impl Cut {
    fn along(module: &Module<'_>, later: &[Vec<String>]) -> Result<Self, String> {
        let is_function = |export: &&Export<'_>| export.kind == ExternalKind::Func;
        let exports: Vec<_> = module.exports.iter().filter(is_function).collect();
        let mut groups = vec![Vec::new(); later.len() + 1];
        for export in &exports {
            let is_here = |group: &Vec<String>| group.iter().any(|name| name == export.name);
            let group = later.iter().position(is_here).map_or(0, |at| at + 1);
            groups[group].push(export.index);
        }
        let named: usize = later.iter().map(Vec::len).sum();
        let found = groups[1..].concat();
        if found.len() != named {
            return Err(format!("not all of these are exports: {later:?}"));
        }
        let slot = module.slots.keys().next_back().map_or(1, |last| last + 1);
        let mut cut = Self {
            parts: Vec::new(),
            doors: found.into_iter().zip(slot..).collect(),
        };
        cut.fill(module, groups)
            .map_err(|error| error.to_string())?;
        Ok(cut)
    }

    fn fill(&mut self, module: &Module<'_>, groups: Vec<Vec<u32>>) -> wasmparser::Result<()> {
        let last = groups.len() - 1;
        let mut left: BTreeSet<u32> = (0..module.functions.len() as u32).collect();
        for (number, roots) in groups.into_iter().enumerate() {
            let reached = reached(module, roots)?;
            let is_own = |own: &u32| number == last || reached.contains(own);
            let (own, rest) = left.into_iter().partition(is_own);
            left = rest;
            let own: BTreeSet<u32> = own;
            // Imports of the whole are the first part's.
            let has_body = own
                .iter()
                .copied()
                .filter(|&own| module.body(own).is_some());
            let mut part = Part {
                functions: has_body.collect(),
                ..Part::default()
            };
            if number > 0 {
                part.borrowed = borrowed(module, &part.functions)?;
                self.lend(&part.borrowed);
            }
            self.parts.push(part);
        }
        Ok(())
    }

    /// Each item is lent by the part that has it.
    fn lend(&mut self, borrowed: &[Item]) {
        for &item in borrowed {
            let lender = self.home(item);
            let lent = &mut self.parts[lender].lent;
            if !lent.contains(&item) {
                lent.push(item);
            }
        }
    }

    /// The part that has an item: the first, unless it is a later one's function.
    fn home(&self, (kind, own): Item) -> usize {
        let is_there = |part: &Part| kind == ExternalKind::Func && part.functions.contains(&own);
        self.parts.iter().position(is_there).unwrap_or(0)
    }
}

/// All functions that can be reached from these.
fn reached(module: &Module<'_>, roots: Vec<u32>) -> wasmparser::Result<BTreeSet<u32>> {
    let (mut reached, mut open) = (BTreeSet::new(), roots);
    while let Some(function) = open.pop() {
        if !reached.insert(function) {
            continue;
        }
        let uses = module.uses(function)?;
        open.extend(uses.functions);
        let types = uses.types.iter().map(|&own| &module.types[own as usize]);
        for own in types {
            let behind = module.slots.values();
            open.extend(behind.filter(|&&function| module.type_of(function) == own));
        }
    }
    Ok(reached)
}

/// What these functions use that is not theirs.
fn borrowed(module: &Module<'_>, own: &[u32]) -> wasmparser::Result<Vec<Item>> {
    let mut uses = Uses::default();
    for &function in own {
        uses.add(module.uses(function)?);
    }
    // The table of functions is written to in any case.
    uses.tables.insert(0);
    let of = |kind: ExternalKind, all: BTreeSet<u32>| all.into_iter().map(move |own| (kind, own));
    let functions = uses.functions.into_iter();
    let functions = functions.filter(|function| !own.contains(function));
    Ok(of(ExternalKind::Func, functions.collect())
        .chain(of(ExternalKind::Table, uses.tables))
        .chain(of(ExternalKind::Memory, BTreeSet::from([0])))
        .chain(of(ExternalKind::Global, uses.globals))
        .collect())
}

/// A part refers to what it does not have and did not borrow.
#[derive(Debug)]
struct Unknown;

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function uses what was not seen in it")
    }
}

impl std::error::Error for Unknown {}

type Error = reencode::Error<Unknown>;

/// Old numbers and new ones.
#[derive(Default)]
struct Numbers {
    types: BTreeMap<u32, u32>,
    functions: BTreeMap<u32, u32>,
    tables: BTreeMap<u32, u32>,
    globals: BTreeMap<u32, u32>,
}

impl Numbers {
    /// Numbers what comes next.
    fn add(numbers: &mut BTreeMap<u32, u32>, old: u32) -> u32 {
        let next = numbers.len() as u32;
        *numbers.entry(old).or_insert(next)
    }

    fn of(numbers: &BTreeMap<u32, u32>, old: u32) -> Result<u32, Error> {
        let number = numbers.get(&old).copied();
        number.ok_or(Error::UserError(Unknown))
    }

    /// A part has those types only that it uses.
    fn types(&self, module: &Module<'_>) -> Result<TypeSection, Error> {
        let mut types: Vec<_> = self.types.iter().collect();
        types.sort_by_key(|(_, new)| **new);
        let mut section = TypeSection::new();
        for (&old, _) in types {
            let own = module.types[old as usize].clone();
            section.ty().func_type(
                &reencode::RoundtripReencoder
                    .func_type(own)
                    .map_err(|_| Error::UserError(Unknown))?,
            );
        }
        Ok(section)
    }
}

impl Reencode for Numbers {
    type Error = Unknown;

    fn type_index(&mut self, own: u32) -> Result<u32, Error> {
        Ok(Self::add(&mut self.types, own))
    }

    fn function_index(&mut self, own: u32) -> Result<u32, Error> {
        Self::of(&self.functions, own)
    }

    fn table_index(&mut self, own: u32) -> Result<u32, Error> {
        Self::of(&self.tables, own)
    }

    fn global_index(&mut self, own: u32) -> Result<u32, Error> {
        Self::of(&self.globals, own)
    }
}

impl Numbers {
    fn item(&mut self, (kind, own): Item) -> Result<u32, Error> {
        match kind {
            ExternalKind::Func => self.function_index(own),
            ExternalKind::Table => self.table_index(own),
            ExternalKind::Global => self.global_index(own),
            _ => Ok(own),
        }
    }

    /// Numbers a borrowed item, and gives the type to import it with.
    fn borrow(&mut self, module: &Module<'_>, (kind, own): Item) -> Result<EntityType, Error> {
        let at = own as usize;
        Ok(match kind {
            ExternalKind::Table => {
                Self::add(&mut self.tables, own);
                let mut table = self.table_type(module.tables[at])?;
                table.maximum = None;
                EntityType::Table(table)
            }
            ExternalKind::Memory => EntityType::Memory(self.memory_type(module.memories[at])?),
            ExternalKind::Global => {
                Self::add(&mut self.globals, own);
                EntityType::Global(self.global_type(module.globals[at].ty)?)
            }
            _ => {
                Self::add(&mut self.functions, own);
                EntityType::Function(self.type_index(module.functions[at])?)
            }
        })
    }
}

impl Cut {
    fn encode(&self, module: &Module<'_>, number: usize) -> Result<Vec<u8>, Error> {
        let part = &self.parts[number];
        let mut numbers = Numbers::default();
        let mut shared = Shared::default();
        if number == 0 {
            shared.fill(module, self.doors.len() as u64, &mut numbers)?;
        } else {
            self.import(module, part, &mut numbers, &mut shared.imports)?;
        }

        let mut functions = FunctionSection::new();
        let doors = self.doors.keys().filter(|_| number == 0);
        for &own in part.functions.iter().chain(doors) {
            Numbers::add(&mut numbers.functions, own);
            functions.function(numbers.type_index(module.functions[own as usize])?);
        }
        let mut code = CodeSection::new();
        for own in &part.functions {
            if let Some(body) = module.body(*own) {
                numbers.parse_function_body(&mut code, body.clone())?;
            }
        }
        if number == 0 {
            for (&function, &slot) in &self.doors {
                let own = numbers.type_index(module.functions[function as usize])?;
                code.function(&door(module.type_of(function), own, slot));
            }
        }
        let mut exports = ExportSection::new();
        for export in module.exports.iter().filter(|_| number == 0) {
            numbers.parse_export(&mut exports, *export)?;
        }
        for (name, &item) in part.lent.iter().enumerate() {
            let kind = numbers.export_kind(item.0)?;
            exports.export(&name.to_string(), kind, numbers.item(item)?);
        }
        let slots = module.slots.iter().map(|(&slot, &own)| (slot, own));
        let slots = slots.filter(|&(_, own)| self.home((ExternalKind::Func, own)) == number);
        let doors = self.doors.iter().map(|(&own, &slot)| (slot, own));
        let doors = doors.filter(|(_, own)| number > 0 && part.functions.contains(own));
        let elements = elements(&mut numbers, slots.chain(doors))?;

        // Types are numbered as they are used, so they are known last; they come first.
        let mut encoded = wasm_encoder::Module::new();
        encoded.section(&numbers.types(module)?);
        encoded.section(&shared.imports).section(&functions);
        encoded.section(&shared.tables).section(&shared.memories);
        encoded.section(&shared.globals).section(&exports);
        encoded.section(&elements).section(&code);
        encoded.section(&shared.data);
        Ok(encoded.finish())
    }

    /// What a later part borrows, by the letter of the part that lends it.
    fn import(
        &self,
        module: &Module<'_>,
        part: &Part,
        numbers: &mut Numbers,
        imports: &mut ImportSection,
    ) -> Result<(), Error> {
        for (lender, letter) in self.parts.iter().zip('a'..='z') {
            for (name, &item) in lender.lent.iter().enumerate() {
                if part.borrowed.contains(&item) {
                    let entity = numbers.borrow(module, item)?;
                    imports.import(&letter.to_string(), &name.to_string(), entity);
                }
            }
        }
        Ok(())
    }
}

/// What is outside of functions; all of it is the first part's.
#[derive(Default)]
struct Shared {
    imports: ImportSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    data: DataSection,
}

impl Shared {
    /// Takes all of it, and makes room for so many doors in the table of functions.
    fn fill(
        &mut self,
        module: &Module<'_>,
        doors: u64,
        numbers: &mut Numbers,
    ) -> Result<(), Error> {
        for (own, import) in module.imports.iter().enumerate() {
            Numbers::add(&mut numbers.functions, own as u32);
            numbers.parse_import(&mut self.imports, *import)?;
        }
        for (own, table) in module.tables.iter().enumerate() {
            Numbers::add(&mut numbers.tables, own as u32);
            let mut table = numbers.table_type(*table)?;
            if own == 0 {
                table.minimum += doors;
                table.maximum = table.maximum.map(|maximum| maximum + doors);
            }
            self.tables.table(table);
        }
        for memory in &module.memories {
            self.memories.memory(numbers.memory_type(*memory)?);
        }
        for (own, global) in module.globals.iter().enumerate() {
            Numbers::add(&mut numbers.globals, own as u32);
            numbers.parse_global(&mut self.globals, global.clone())?;
        }
        for own in &module.data {
            if let DataKind::Active { .. } = own.kind {
                numbers.parse_data(&mut self.data, own.clone())?;
            }
        }
        Ok(())
    }
}

/// Calls what stands in the table, with its own arguments.
fn door(own: &FuncType, type_index: u32, slot: u32) -> Function {
    let mut function = Function::new([]);
    for argument in 0..own.params().len() as u32 {
        function.instruction(&Instruction::LocalGet(argument));
    }
    function.instruction(&Instruction::I32Const(slot.cast_signed()));
    function.instruction(&Instruction::CallIndirect {
        type_index,
        table_index: 0,
    });
    function.instruction(&Instruction::End);
    function
}

/// Rows of neighbours in the table of functions; the slots rise.
fn elements(
    numbers: &mut Numbers,
    slots: impl Iterator<Item = (u32, u32)>,
) -> Result<ElementSection, Error> {
    let mut rows: Vec<(u32, Vec<u32>)> = Vec::new();
    for (slot, function) in slots {
        let function = numbers.function_index(function)?;
        match rows.last_mut() {
            Some((start, row)) if *start + row.len() as u32 == slot => row.push(function),
            _ => rows.push((slot, vec![function])),
        }
    }
    let mut section = ElementSection::new();
    for (start, row) in rows {
        let offset = ConstExpr::i32_const(start.cast_signed());
        section.active(None, &offset, Elements::Functions(row.into()));
    }
    Ok(section)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{ExportKind, MemoryType, RefType, TableType};

    /// Functions of one kind, by number: what each calls, and how it is called.
    const CALLS: [&[u32]; 5] = [
        &[1],    // now
        &[],     // shared by all
        &[1, 3], // soon
        &[],     // soon's own
        &[1, 3], // last
    ];
    const EXPORTS: [(&str, u32); 3] = [("now", 0), ("soon", 2), ("last", 4)];

    fn module(indirect: bool) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for calls in CALLS {
            functions.function(0);
            let mut body = Function::new([]);
            for &own in calls {
                body.instruction(&Instruction::Call(own));
            }
            code.function(body.instruction(&Instruction::End));
        }
        if indirect {
            functions.function(0);
            let mut body = Function::new([]);
            body.instruction(&Instruction::I32Const(1));
            body.instruction(&Instruction::CallIndirect {
                type_index: 0,
                table_index: 0,
            });
            code.function(body.instruction(&Instruction::End));
        }
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 2,
            maximum: Some(2),
            shared: false,
        });
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut exports = ExportSection::new();
        for (name, own) in EXPORTS {
            exports.export(name, ExportKind::Func, own);
        }
        if indirect {
            exports.export("any", ExportKind::Func, CALLS.len() as u32);
        }
        let mut elements = ElementSection::new();
        let offset = ConstExpr::i32_const(1);
        elements.active(None, &offset, Elements::Functions([3].as_slice().into()));
        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&functions).section(&tables);
        module.section(&memories).section(&exports);
        module.section(&elements).section(&code);
        module.finish()
    }

    fn bodies(later: &[&str], indirect: bool) -> Vec<usize> {
        let groups: Vec<_> = later.iter().map(|name| vec![(*name).to_owned()]).collect();
        let parts = split(&module(indirect), &groups).expect("a module like an engine");
        let bodies = |part: &Vec<u8>| Module::parse(part).expect("it is valid").bodies.len();
        parts.iter().map(bodies).collect()
    }

    #[test]
    fn each_part_has_what_no_part_before_it_has() {
        // Now and what is shared, and two doors; soon and its own; last.
        assert_eq!(bodies(&["soon", "last"], false), [4, 2, 1]);
        // Last and its own; soon.
        assert_eq!(bodies(&["last", "soon"], false), [4, 2, 1]);
        assert_eq!(bodies(&["last"], false), [5, 1]);
        assert_eq!(bodies(&[], false), [5]);
    }

    #[test]
    fn whatever_a_call_through_the_table_may_reach_is_there() {
        // Now, what is shared, the caller and soon's own, which is in the table; two doors.
        assert_eq!(bodies(&["soon", "last"], true), [6, 1, 1]);
    }

    #[test]
    fn an_export_that_is_not_there_is_an_error() {
        assert!(split(&module(false), &[vec!["other".to_owned()]]).is_err());
    }
}
