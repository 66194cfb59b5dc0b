package io.lingtan.archtest.rooms.attic;

interface Attic {}
