//! Takes a part of the engine apart into strands of like bytes; what for, and in which order, is said
//! in `crates/unpacker/src/strands.rs`, which puts it together again.

use backfile_unpacker::strands::{AS_IT_IS, LOADS_AND_STORES, STRANDS, Strand, USUAL, operand};
use wasmparser::{FunctionBody, Parser, Payload};

/// Takes a part apart.
///
/// # Errors
/// If it is no module, or has what the other side could not put together.
pub(crate) fn take_apart(part: &[u8]) -> Result<Vec<u8>, String> {
    let mut strands: [Vec<u8>; STRANDS] = Default::default();
    let mut before_code = None;
    let mut end = 0;
    for payload in Parser::new(0).parse_all(part) {
        match payload.map_err(|error| error.to_string())? {
            Payload::CodeSectionStart { count, range, size } => {
                let start = range.start - 1 - leb(size).len();
                let frame = &mut strands[Strand::Frame as usize];
                frame.extend_from_slice(&part[..start]);
                frame.extend(leb(count));
                before_code = Some(start);
                end = range.end;
            }
            Payload::CodeSectionEntry(body) => add(&mut strands, part, &body)?,
            _ => {}
        }
    }
    let before_code = before_code.ok_or("it has no code")?;
    strands[Strand::Frame as usize].extend_from_slice(&part[end..]);
    let [rest @ .., _] = &strands;
    let bytes = 4 * (2 + rest.len()) + strands.iter().map(Vec::len).sum::<usize>();
    let header = [bytes, before_code];
    let header = header.into_iter().chain(rest.iter().map(Vec::len));
    let header = header.map(|number| u32::try_from(number).expect("a part is small"));
    let header = header.flat_map(u32::to_le_bytes);
    Ok(header.chain(strands.concat()).collect())
}

/// Adds a function.
fn add(
    strands: &mut [Vec<u8>; STRANDS],
    part: &[u8],
    body: &FunctionBody<'_>,
) -> Result<(), String> {
    let operators = body.get_operators_reader();
    let operators = operators.map_err(|error| error.to_string())?;
    let (start, end) = (operators.original_position(), body.range().end);
    strands[Strand::Frame as usize].extend_from_slice(&part[body.range().start..start]);
    let places = operators.into_iter_with_offsets();
    let places = places.map(|operator| operator.map(|(_, place)| place));
    let mut places: Vec<usize> = places
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    places.push(end);
    for ends in places.windows(2) {
        add_operator(strands, &part[ends[0]..ends[1]])?;
    }
    Ok(())
}

fn add_operator(strands: &mut [Vec<u8>; STRANDS], bytes: &[u8]) -> Result<(), String> {
    let (operator, operands) = (bytes[0], &bytes[1..]);
    let mut put = |strand, bytes: &[u8]| strands[strand as usize].extend_from_slice(bytes);
    if let Some(own) = operand(operator) {
        put(Strand::Operators, &[operator]);
        put(own, operands);
    } else if let Some(usual) = usual(operator, operands) {
        put(Strand::Operators, &[usual]);
        put(Strand::Offsets, &operands[1..]);
    } else if operands.is_empty() && operator < USUAL {
        put(Strand::Operators, &[operator]);
    } else if opens_block(operator) {
        return Err(format!(
            "its operator {operator:#x} opens a block that is not known"
        ));
    } else {
        for bytes in bytes.chunks(255) {
            put(Strand::Operators, &[AS_IT_IS, bytes.len() as u8]);
            put(Strand::Operators, bytes);
        }
    }
    Ok(())
}

/// What stands for a usual load or store.
fn usual(operator: u8, operands: &[u8]) -> Option<u8> {
    let own = (operator, *operands.first()?);
    let place = LOADS_AND_STORES.iter().position(|&usual| usual == own)?;
    Some(USUAL + place as u8)
}

/// Where a function ends is told by counting blocks. These are of exceptions, which we have none of.
fn opens_block(operator: u8) -> bool {
    matches!(operator, 0x06 | 0x1F)
}

/// A number as WebAssembly has it, in as few bytes as can be.
fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack_parts;
    use backfile_unpacker::Unpacker;
    use wasm_encoder::{
        BlockType, CodeSection, CustomSection, Function, FunctionSection, Instruction as Do,
        MemArg, Module, TypeSection, ValType,
    };

    fn module(seed: u32) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for number in 0..20 {
            functions.function(0);
            code.function(&function(seed + number));
        }
        let custom = CustomSection {
            name: "behind".into(),
            data: (&b"the code"[..]).into(),
        };
        let mut module = Module::new();
        let module = module.section(&types).section(&functions).section(&code);
        module.section(&custom).clone().finish()
    }

    /// Operators with all kinds of operands; whether they make sense together is nobody's business.
    fn function(seed: u32) -> Function {
        let memory = |align| MemArg {
            offset: u64::from(seed) * 37,
            align,
            memory_index: 0,
        };
        let mut function = Function::new([(seed, ValType::I64), (1, ValType::I32)]);
        let all = [
            Do::Block(BlockType::Empty),
            Do::LocalGet(seed),
            Do::If(BlockType::Result(ValType::I32)),
            Do::I32Const(seed as i32 - 100),
            Do::I64Const(i64::MIN + i64::from(seed)),
            Do::Else,
            Do::Loop(BlockType::FunctionType(300)),
            Do::Br(seed),
            Do::BrIf(1),
            Do::BrTable((0..seed % 300).collect(), 1),
            Do::End,
            Do::End,
            Do::LocalSet(seed * 2),
            Do::LocalTee(3),
            Do::GlobalGet(seed),
            Do::GlobalSet(0),
            Do::Call(seed * 100),
            Do::CallIndirect {
                type_index: 1,
                table_index: 0,
            },
            Do::I32Load(memory(2)),
            Do::I32Load(memory(0)),
            Do::I64Load(memory(3)),
            Do::I64Load(memory(2)),
            Do::I64Load32U(memory(1)),
            Do::I64Store(memory(2)),
            Do::I64Store32(memory(2)),
            Do::F64Const(0.1.into()),
            Do::MemoryGrow(0),
            Do::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
            Do::TableGrow(0),
            Do::I64Extend32S,
            Do::Select,
            Do::End,
        ];
        for instruction in &all {
            function.instruction(instruction);
        }
        function.instruction(&Do::End);
        function
    }

    #[test]
    fn parts_are_put_together_as_they_were() {
        let parts = [module(0), module(7), module(270)];
        let apart = parts.each_ref().map(|part| take_apart(part).unwrap());
        let pieces = pack_parts(&apart).unwrap();
        let mut unpacker = Box::new(Unpacker::new());
        for (part, piece) in parts.iter().zip(&pieces) {
            unpacker.room(piece.len()).copy_from_slice(piece);
            assert!(unpacker.next_part() == part);
        }
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(take_apart(b"no module").is_err());
        assert!(take_apart(&Module::new().finish()).is_err());
    }
}
