;; The least that looking at N rows of 64 bytes can cost in 128-bit WebAssembly SIMD: reading them, and the int8 dot product
;; of each with one query. No ids, no best ones: `dot` returns the largest, so that nothing can be left out.
;;
;; The query lies in the first 64 bytes, the rows behind it; N is a multiple of 4. Products of int8 as int16 that are added
;; before they are widened (`extmul`) take half as long again on x86. `wasm-opt` puts `$dot_row` where it is called.
(module
  (memory (export "memory") 1)

  (func (export "read") (param $n i32) (result i32)
    (local $row i32) (local $end i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $row (i32.const 64))
    (local.set $end (i32.add (i32.const 64) (i32.shl (local.get $n) (i32.const 6))))
    (loop $rows
      (local.set $a (v128.or (local.get $a) (v128.load (local.get $row))))
      (local.set $b (v128.or (local.get $b) (v128.load offset=16 (local.get $row))))
      (local.set $c (v128.or (local.get $c) (v128.load offset=32 (local.get $row))))
      (local.set $d (v128.or (local.get $d) (v128.load offset=48 (local.get $row))))
      (br_if $rows (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 64))) (local.get $end))))
    (v128.any_true (v128.or (v128.or (local.get $a) (local.get $b)) (v128.or (local.get $c) (local.get $d)))))

  ;; The dot product, in each of the four lanes.
  (func $dot_row (param $row i32)
    (param $q0 v128) (param $q1 v128) (param $q2 v128) (param $q3 v128)
    (param $q4 v128) (param $q5 v128) (param $q6 v128) (param $q7 v128)
    (result v128)
    (local $sum v128)
    (local.set $sum (i32x4.dot_i16x8_s (local.get $q0) (v128.load8x8_s (local.get $row))))
    (local.set $sum
      (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (local.get $q1) (v128.load8x8_s offset=8 (local.get $row)))))
    (local.set $sum
      (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (local.get $q2) (v128.load8x8_s offset=16 (local.get $row)))))
    (local.set $sum
      (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (local.get $q3) (v128.load8x8_s offset=24 (local.get $row)))))
    (local.set $sum
      (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (local.get $q4) (v128.load8x8_s offset=32 (local.get $row)))))
    (local.set $sum
      (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (local.get $q5) (v128.load8x8_s offset=40 (local.get $row)))))
    (local.set $sum
      (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (local.get $q6) (v128.load8x8_s offset=48 (local.get $row)))))
    (local.set $sum
      (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (local.get $q7) (v128.load8x8_s offset=56 (local.get $row)))))
    (local.set $sum
      (i32x4.add (local.get $sum)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $sum) (local.get $sum))))
    (i32x4.add (local.get $sum)
      (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 (local.get $sum) (local.get $sum))))

  (func (export "dot") (param $n i32) (result i32)
    (local $row i32) (local $end i32) (local $largest v128)
    (local $q0 v128) (local $q1 v128) (local $q2 v128) (local $q3 v128)
    (local $q4 v128) (local $q5 v128) (local $q6 v128) (local $q7 v128)
    (local.set $q0 (v128.load8x8_s (i32.const 0)))
    (local.set $q1 (v128.load8x8_s (i32.const 8)))
    (local.set $q2 (v128.load8x8_s (i32.const 16)))
    (local.set $q3 (v128.load8x8_s (i32.const 24)))
    (local.set $q4 (v128.load8x8_s (i32.const 32)))
    (local.set $q5 (v128.load8x8_s (i32.const 40)))
    (local.set $q6 (v128.load8x8_s (i32.const 48)))
    (local.set $q7 (v128.load8x8_s (i32.const 56)))
    (local.set $largest (i32x4.splat (i32.const 0x80000000)))
    (local.set $row (i32.const 64))
    (local.set $end (i32.add (i32.const 64) (i32.shl (local.get $n) (i32.const 6))))
    (loop $rows
      (local.set $largest
        (i32x4.max_s
          (i32x4.max_s (local.get $largest)
            (call $dot_row (local.get $row)
              (local.get $q0) (local.get $q1) (local.get $q2) (local.get $q3)
              (local.get $q4) (local.get $q5) (local.get $q6) (local.get $q7)))
          (i32x4.max_s
            (i32x4.max_s
              (call $dot_row (i32.add (local.get $row) (i32.const 64))
                (local.get $q0) (local.get $q1) (local.get $q2) (local.get $q3)
                (local.get $q4) (local.get $q5) (local.get $q6) (local.get $q7))
              (call $dot_row (i32.add (local.get $row) (i32.const 128))
                (local.get $q0) (local.get $q1) (local.get $q2) (local.get $q3)
                (local.get $q4) (local.get $q5) (local.get $q6) (local.get $q7)))
            (call $dot_row (i32.add (local.get $row) (i32.const 192))
              (local.get $q0) (local.get $q1) (local.get $q2) (local.get $q3)
              (local.get $q4) (local.get $q5) (local.get $q6) (local.get $q7)))))
      (br_if $rows (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 256))) (local.get $end))))
    (i32x4.extract_lane 0 (local.get $largest))))
