//! Messages with a name and numbers in them. `format!` would bring the library's formatting, some 5 kB, into every page.

use alloc::string::String;

/// Puts the name, in quotes, where the template has `@`, and the next number where it has `#`.
pub(crate) fn sentence(template: &str, name: &str, numbers: &[u64]) -> String {
    let mut text = String::new();
    let mut numbers = numbers.iter();
    for character in template.chars() {
        match character {
            '@' => text.push_str(&["\"", name, "\""].concat()),
            '#' => push_digits(&mut text, numbers.next().copied().unwrap_or(0), 10, 1),
            _ => text.push(character),
        }
    }
    text
}

/// Writes a number with at least so many digits.
pub(crate) fn push_digits(text: &mut String, number: u64, radix: u64, least: usize) {
    if number >= radix || least > 1 {
        push_digits(text, number / radix, radix, least.saturating_sub(1));
    }
    text.push(char::from(b"0123456789abcdef"[(number % radix) as usize]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled() {
        let check = |template: &str, numbers: &[u64], expected: &str| {
            assert_eq!(sentence(template, "brand", numbers), expected);
        };
        check("nothing", &[], "nothing");
        check("word # of @ ends at #", &[0, u64::MAX], "word 0 of \"brand\" ends at 18446744073709551615");
        let mut text = String::new();
        push_digits(&mut text, 0xab, 16, 4);
        assert_eq!(text, "00ab");
    }
}
