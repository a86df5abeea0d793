//! `strftime` over a day and time given as seconds since 1970.

const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

struct Moment {
    year: i64,
    month: usize,       // 1..12
    day: i64,           // 1..31
    weekday: usize,     // 0 = Monday
    day_of_year: i64,   // 1..366
    second_of_day: i64, // 0..86399
}

impl Moment {
    fn new(seconds: i64) -> Moment {
        let days = seconds.div_euclid(86400);
        let weekday = (days + 3).rem_euclid(7) as usize; // 1970-01-01 was a Thursday
        let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        // Days before a year since 1970; years before 1970 do not occur (negative times mean "now" above).
        let before = |y: i64| 365 * (y - 1970) + (y - 1969) / 4 - (y - 1901) / 100 + (y - 1601) / 400;
        let mut year = 1970 + days.max(0) / 366;
        while before(year + 1) <= days {
            year += 1;
        }
        let mut rest = days - before(year);
        let day_of_year = rest + 1;
        let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while month < 11 && rest >= lengths[month] {
            rest -= lengths[month];
            month += 1;
        }
        let second_of_day = seconds.rem_euclid(86400);
        Moment { year, month: month + 1, day: rest + 1, weekday, day_of_year, second_of_day }
    }

    /// The text of one directive, without padding applied by "-".
    fn directive(&self, letter: char) -> Option<String> {
        let hour = self.second_of_day / 3600;
        let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
        let (minute, second) = (self.second_of_day / 60 % 60, self.second_of_day % 60);
        Some(match letter {
            'Y' => self.year.to_string(),
            'y' => format!("{:02}", self.year % 100),
            'm' => format!("{:02}", self.month),
            'd' => format!("{:02}", self.day),
            'e' => format!("{:2}", self.day),
            'B' => MONTHS[self.month - 1].into(),
            'b' | 'h' => MONTHS[self.month - 1][..3].into(),
            'A' => DAYS[self.weekday].into(),
            'a' => DAYS[self.weekday][..3].into(),
            'w' => ((self.weekday + 1) % 7).to_string(),
            'u' => (self.weekday + 1).to_string(),
            'j' => format!("{:03}", self.day_of_year),
            'H' => format!("{hour:02}"),
            'I' => format!("{hour12:02}"),
            'M' => format!("{minute:02}"),
            'S' => format!("{second:02}"),
            'p' => if hour < 12 { "AM" } else { "PM" }.into(),
            'F' => format!("{}-{:02}-{:02}", self.year, self.month, self.day),
            'T' => format!("{hour:02}:{minute:02}:{second:02}"),
            'D' => format!("{:02}/{:02}/{:02}", self.month, self.day, self.year % 100),
            'Z' | 'z' => String::new(), // a naive datetime has no time zone
            '%' => "%".into(),
            _ => return None,
        })
    }
}

/// `datetime.strftime(format)` in the C locale; Err names a directive that is not known.
pub fn strftime(seconds: i64, format: &str) -> Result<String, String> {
    let moment = Moment::new(seconds.clamp(0, 253_402_300_799)); // to the end of the year 9999
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let (unpadded, letter) = match chars.next() {
            Some('-') => (true, chars.next()),
            other => (false, other),
        };
        let text = letter.and_then(|l| moment.directive(l));
        let text = text.ok_or_else(|| format!("strftime_now: unknown directive in '{format}'"))?;
        out.push_str(if unpadded && text.len() > 1 { text.trim_start_matches(['0', ' ']) } else { &text });
    }
    Ok(out)
}
