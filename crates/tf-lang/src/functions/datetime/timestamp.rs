//! Moments, and how they are shown. The calendar is the Gregorian one, also for the time before it.

use std::fmt;

/// A moment, and how far the clock that shows it is ahead of UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Timestamp {
    /// Year, from before Christ too.
    pub(super) year: i64,
    /// Month, from one.
    pub(super) month: u32,
    /// Day of the month, from one.
    pub(super) day: u32,
    /// Hour of the day.
    pub(super) hour: u32,
    /// Minute.
    pub(super) minute: u32,
    /// Second.
    pub(super) second: u32,
    /// Nanosecond.
    pub(super) nanosecond: u32,
    /// Offset in seconds.
    pub(super) offset: i32,
}

const NANOSECONDS: i128 = 1_000_000_000;
const SECONDS_A_DAY: i128 = 86_400;

impl Timestamp {
    /// Days since 1970.
    fn days(&self) -> i64 {
        // A year from March on has its odd day at the end; eras of 400 years have equally many days.
        let (year, month) = match self.month {
            1 | 2 => (self.year - 1, i64::from(self.month) + 9),
            month => (self.year, i64::from(month) - 3),
        };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// Nanoseconds since 1970.
    pub(super) fn instant(&self) -> i128 {
        let clock = i128::from(self.hour) * 3600 + i128::from(self.minute) * 60 + i128::from(self.second);
        let seconds = i128::from(self.days()) * SECONDS_A_DAY + clock - i128::from(self.offset);
        seconds * NANOSECONDS + i128::from(self.nanosecond)
    }

    /// The time that a clock shows at a moment.
    fn at(instant: i128, offset: i32) -> Timestamp {
        let local = instant + i128::from(offset) * NANOSECONDS;
        let seconds = local.div_euclid(NANOSECONDS);
        // What is left of a division by a small number fits.
        let small = |value: i128| u32::try_from(value).unwrap_or_default();
        let clock = small(seconds.rem_euclid(SECONDS_A_DAY));
        let days = i64::try_from(seconds.div_euclid(SECONDS_A_DAY)).unwrap_or_default() + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        Timestamp {
            year: era * 400 + year_of_era + i64::from(month >= 10),
            month: small(i128::from(if month < 10 { month + 3 } else { month - 9 })),
            day: small(i128::from(day)),
            hour: clock / 3600,
            minute: clock / 60 % 60,
            second: clock % 60,
            nanosecond: small(local.rem_euclid(NANOSECONDS)),
            offset,
        }
    }

    /// The time some nanoseconds later, on the same clock.
    pub(super) fn plus(&self, nanoseconds: i64) -> Timestamp {
        Timestamp::at(self.instant() + i128::from(nanoseconds), self.offset)
    }

    /// The day of the week, Sunday being zero.
    pub(super) fn weekday(&self) -> u32 {
        // The first of January 1970 was a Thursday.
        u32::try_from((self.days() + 4).rem_euclid(7)).unwrap_or_default()
    }
}

/// Go's `time.RFC3339`, without the fraction.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut year, mut offset) = (String::new(), String::new());
        push_year(self.year, &mut year);
        match self.offset {
            0 => offset.push('Z'),
            seconds => push_offset(seconds, ":", &mut offset),
        }
        let Timestamp {
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = self;
        write!(
            f,
            "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}"
        )
    }
}

/// A year with at least four digits.
pub(super) fn push_year(year: i64, out: &mut String) {
    out.push_str(if year < 0 { "-" } else { "" });
    out.push_str(&format!("{:04}", year.unsigned_abs()));
}

/// An offset with sign, hours and minutes.
pub(super) fn push_offset(seconds: i32, separator: &str, out: &mut String) {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    out.push_str(&format!(
        "{sign}{:02}{separator}{:02}",
        minutes / 60,
        minutes % 60
    ));
}

#[cfg(test)]
mod tests {
    use super::super::rfc3339::{days_in, parse_strict};

    #[test]
    fn dates_and_days_agree() {
        for (text, days, weekday) in [
            ("1970-01-01T00:00:00Z", 0, 4),
            ("2000-02-29T00:00:00Z", 11_016, 2),
            ("0000-03-01T00:00:00Z", -719_468, 3),
            ("9999-12-31T00:00:00Z", 2_932_896, 5),
        ] {
            let timestamp = parse_strict(text).unwrap();
            assert_eq!((timestamp.days(), timestamp.weekday()), (days, weekday), "{text}");
        }
        let day = 86_400 * 1_000_000_000_i64;
        let mut timestamp = parse_strict("1599-12-31T23:59:59.5+02:00").unwrap();
        for _ in 0..200_000 {
            let next = timestamp.plus(day);
            assert_eq!(next.days(), timestamp.days() + 1);
            assert!((1..=days_in(next.month, next.year)).contains(&next.day));
            assert_eq!(next.plus(-day), timestamp);
            timestamp = next;
        }
    }

    #[test]
    fn times_are_added_and_shown() {
        for (text, nanoseconds, wanted) in [
            (
                "2018-02-03T10:10:10.5+02:00",
                -5_400_000_000_000,
                "2018-02-03T08:40:10+02:00",
            ),
            ("9999-12-31T23:59:59Z", 1_000_000_000, "10000-01-01T00:00:00Z"),
            ("0000-01-01T00:00:00Z", -1, "-0001-12-31T23:59:59Z"),
            ("2018-02-03T10:10:10-00:00", 0, "2018-02-03T10:10:10Z"),
            ("2018-02-03T10:10:10-11:45", 0, "2018-02-03T10:10:10-11:45"),
            ("2018-02-03T10:10:10Z", i64::MAX, "2310-05-16T09:57:26Z"),
        ] {
            assert_eq!(
                parse_strict(text).unwrap().plus(nanoseconds).to_string(),
                wanted,
                "{text}"
            );
        }
    }
}
