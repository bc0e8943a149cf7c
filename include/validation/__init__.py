"""The Great Expectations suites as data, and what they may say."""
