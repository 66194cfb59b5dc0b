package io.lingtan.archtest.unmarked;

interface Plain {}
