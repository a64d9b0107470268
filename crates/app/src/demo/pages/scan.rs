//! Looks for card numbers in every file the demo wrote.
//!
//! Each test number is looked for as ASCII, with blanks, as UTF-16, as hexadecimal, as base64 at
//! its three offsets and as packed decimal digits.

use std::path::Path;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Numbers that people and tests of the demo type.
const NUMBERS: &[&str] = &[
    "4970100000000154",
    "4970100100000005",
    "4970100100000054",
    "4970100100000435",
    "4970100100000518",
    "4970100100000542",
    "4970100100000815",
    "4970100100000823",
    "4970100100000971",
    "4970100100000989",
    "4970100100001003",
    "4970100100002001",
    "4970100100003009",
    "4970100100005004",
    "4970100100007000",
    "5100010100000006",
    "5100010100001004",
    "375900010000006",
    "4242424242424242",
    "4111111111111111",
    "4000002760003184",
    "4000002500003155",
    "4000000000000002",
    "4000000000009995",
    "5555555555554444",
    "5207000000000000",
    "378282246310005",
    "36227206271667",
    "6011111111111117",
    "3566002020360505",
];

/// Ending of the index of a write-ahead log: a table of small integers that holds no row data, in
/// which packed digits such as 5207 0000 0000 0000 stand by chance.
const LOG_INDEX: &str = "-shm";

/// How many occurrences there are under `folder`.
///
/// # Errors
/// The file system's.
pub(super) fn card_numbers_in(folder: &Path) -> std::io::Result<usize> {
    let patterns: Vec<Vec<u8>> = NUMBERS.iter().flat_map(|number| spellings(number)).collect();
    let finder = AhoCorasick::new(&patterns).map_err(std::io::Error::other)?;
    walk(folder, &finder)
}

fn walk(folder: &Path, finder: &AhoCorasick) -> std::io::Result<usize> {
    let mut found = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found += walk(&entry.path(), finder)?;
        } else if kind.is_file() && !entry.file_name().to_string_lossy().ends_with(LOG_INDEX) {
            let here = occurrences(&entry.path(), finder)?;
            if here > 0 {
                tracing::error!(file = %entry.path().display(), here, "ALARM: card number in a file");
            }
            found += here;
        }
    }
    Ok(found)
}

/// In a file, read piece by piece; one that vanishes between listing and reading (a log emptied by
/// its writer) has none.
fn occurrences(file: &Path, finder: &AhoCorasick) -> std::io::Result<usize> {
    let file = match std::fs::File::open(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        opened => opened?,
    };
    finder.stream_find_iter(file).try_fold(0, |count, found| found.map(|_| count + 1))
}

fn spellings(number: &str) -> Vec<Vec<u8>> {
    let groups: Vec<&str> =
        number.as_bytes().chunks(4).filter_map(|part| std::str::from_utf8(part).ok()).collect();
    let wide = |order: fn(u16) -> [u8; 2]| number.encode_utf16().flat_map(order).collect();
    let mut all = vec![
        number.as_bytes().to_vec(),
        groups.join(" ").into_bytes(),
        groups.join("-").into_bytes(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
        number.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(),
        packed(number),
    ];
    all.extend((0..3).map(|offset| base64_inside(number, offset)));
    all
}

/// Two digits in a byte.
fn packed(number: &str) -> Vec<u8> {
    let digits: Vec<u8> = number.bytes().map(|byte| byte - b'0').collect();
    let even = digits.len() - digits.len() % 2;
    digits.get(..even).unwrap_or(&[]).chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The part of the base64 text that does not depend on what stands before and after.
fn base64_inside(number: &str, offset: usize) -> Vec<u8> {
    let padded = [vec![0; offset], number.as_bytes().to_vec()].concat();
    let text = STANDARD_NO_PAD.encode(padded);
    let first = (offset * 8).div_ceil(6);
    let whole = (offset + number.len()) * 8 / 6;
    text.as_bytes().get(first..whole).unwrap_or(&[]).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_40_a_planted_number_is_found_however_it_is_written() {
        let number = "4970100100001003";
        let plants: Vec<Vec<u8>> = vec![
            b"x4970100100001003y".to_vec(),
            b"4970 1001 0000 1003".to_vec(),
            number.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            b"34393730313030313030303031303033".to_vec(),
            [&[1], packed(number).as_slice(), &[2]].concat(),
            STANDARD_NO_PAD.encode(format!("a{number}b")).into_bytes(),
            STANDARD_NO_PAD.encode(format!("ab{number}b")).into_bytes(),
            STANDARD_NO_PAD.encode(format!("abc{number}b")).into_bytes(),
        ];
        for plant in plants {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("deep")).unwrap();
            std::fs::write(folder.path().join("deep/file"), &plant).unwrap();
            assert!(card_numbers_in(folder.path()).unwrap() >= 1, "{plant:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), b"4970 1001 **** 1003").unwrap();
        assert_eq!(card_numbers_in(folder.path()).unwrap(), 0);
    }
}
