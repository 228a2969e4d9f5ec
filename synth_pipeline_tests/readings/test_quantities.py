"""Which units are known, and which units and values of honest and of lying columns are held."""

import math
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_pipeline.authoring.catalog.load import load_industries
from synth_pipeline.domain.column import Column
from synth_pipeline.readings.quantities.bounds import PLAUSIBLE, POSSIBLE
from synth_pipeline.readings.quantities.dimensions import QUANTITIES
from synth_pipeline.readings.quantities.endings import unit_from_name
from synth_pipeline.readings.quantities.unit_faults import unit_faults
from synth_pipeline.readings.quantities.unit_text import known_unit
from synth_pipeline.readings.quantities.units import UNITS
from synth_pipeline.readings.quantities.value_faults import ValueFault, value_faults

Tag = tuple[Column, float, float]

# name | unit | lowest | highest value of a year, as plants of each industry show them
HONEST = """
# semiconductor
chamber_pressure_mtorr | mTorr | -0.02 | 200
load_lock_pressure_torr | Torr | 0.001 | 760
base_pressure_torr | Torr | 1e-9 | 1e-6
rf_forward_power_w | W | 0 | 3000
rf_reflected_power_w | W | -2 | 300
dc_bias_v | V | -450 | 5
esc_voltage_v | V | -3000 | 3000
he_backside_pressure_torr | Torr | 0 | 20
n2_flow_slm | slm | 0 | 30
sih4_flow_sccm | sccm | -0.5 | 500
wafer_temperature_offset_degc | °C | -3 | 3
plasma_electron_temperature_ev | eV | 0 | 8
plasma_electron_temperature_k | K | 11000 | 90000
etch_rate_nm_per_min | nm/min | 0 | 800
film_stress_mpa | MPa | -900 | 400
film_thickness_angstrom | Å | 0 | 5000
particle_count_per_wafer | count | 0 | 120
upw_resistivity_mohm_cm | MΩ·cm | 17.5 | 18.25
upw_toc_ppb | ppb | 0.1 | 5
cleanroom_pressure_difference_pa | Pa | -5 | 40
airborne_particles_per_m3 | 1/m³ | 0 | 3520
stage_position_error_nm | nm | -30 | 30
overlay_x_nm | nm | -6 | 6
chuck_leakage_current_ua | µA | -1 | 200
ion_dose_per_cm2 | 1/cm² | 0 | 1e16
# automotive and metal working
spindle_load_pct | % | 0 | 180
spindle_torque_pct | % | -150 | 200
axis_x_position_mm | mm | -850 | 1200
axis_following_error_um | µm | -40 | 40
servo_current_a | A | -35 | 35
servo_torque_nm | N·m | -120 | 120
weld_current_ka | kA | 0 | 14
electrode_force_kn | kN | 0 | 6
weld_time_ms | ms | 0 | 400
clamp_force_kn | kN | -5 | 2500
paint_booth_humidity_pct | % | 45 | 75
paint_film_thickness_um | µm | 0 | 120
electrocoat_bath_ph | pH | 5.4 | 6.4
electrocoat_conductivity_us_cm | µS/cm | 900 | 1900
engine_speed_rpm | 1/min | 0 | 7200
ignition_timing_deg | ° | -20 | 45
lambda_value | 1 | 0.7 | 1.5
engine_torque_nm | Nm | -80 | 420
boost_pressure_bar | bar | -0.7 | 2.1
exhaust_gas_temperature_degc | °C | -10 | 950
steering_angle_deg | deg | -540 | 540
cylinder_pressure_bar | bar | -0.5 | 220
tightening_angle_deg | ° | 0 | 720
press_tonnage_t | t | 0 | 2500
robot_joint_speed_deg_per_s | deg/s | -180 | 180
grinding_wheel_speed_m_per_s | m/s | 0 | 120
cutting_speed_m_min | m/min | 0 | 1200
surface_roughness_um | µm | 0.05 | 6.3
# food and beverages
pasteurizer_temperature_c | C | 4 | 78
retort_pressure_bar | barg | -0.1 | 2.5
freezer_temperature_degf | °F | -40 | 20
cip_conductivity_ms_cm | mS/cm | 0 | 120
syrup_brix | °Bx | -0.2 | 68
beer_extract_plato | °P | 2 | 18
milk_flow_l_per_h | L/h | 0 | 20000
co2_content_g_per_l | g/L | 0 | 8
dough_temperature_c | °C | 18 | 30
oven_humidity_pct | % | 0 | 100.4
fill_weight_g | g | -0.5 | 520
net_weight_kg | kg | -2 | 1200
bottle_rate_per_hour | bottles/h | 0 | 48000
filler_speed_bpm | bpm | 0 | 800
dissolved_oxygen_ppb | µg/L | 0 | 200
water_activity | aw | 0.2 | 0.98
fryer_oil_quality_tpm_pct | % | 5 | 27
refrigerant_suction_pressure_psig | psig | -8 | 60
evaporator_superheat_degc | °C | -1 | 20
tank_fill_level_pct | % | 0 | 103
washer_water_hardness_dh | °dH | 0 | 22
# pharma
isolator_pressure_pa | Pa | -45 | 65
bioreactor_do_pct | % | 0 | 180
bioreactor_ph | pH | 6.5 | 7.4
optical_density | AU | 0 | 40
viable_cell_density_per_ml | 1/mL | 0 | 2e7
granulator_torque_nm | N·m | 0 | 40
tablet_hardness_n | N | 0 | 200
tablet_hardness_kp | kp | 4 | 18
freeze_dryer_vacuum_mbar | mbar | 0.01 | 1013
shelf_temperature_degc | °C | -55 | 40
condenser_temperature_degc | °C | -85 | 30
wfi_toc_ppb | ppb | 10 | 500
wfi_conductivity_us_per_cm | µS/cm | 0.05 | 1.3
laf_air_velocity_m_per_s | m/s | 0.3 | 0.6
autoclave_f0_min | min | 0 | 40
# steel and metals
ladle_steel_temperature_c | °C | 20 | 1720
furnace_draft_mmwc | mmWC | -20 | 5
electrode_current_ka | kA | 0 | 90
arc_power_mw | MW | 0 | 120
mould_level_mm | mm | -40 | 60
casting_speed_m_min | m/min | 0 | 6
roll_gap_mm | mm | -0.4 | 60
rolling_force_mn | MN | 0 | 40
strip_tension_kn | kN | -3 | 300
strip_elongation_pct | % | -0.2 | 3
strip_flatness_iu | I-units | -80 | 80
exit_thickness_deviation_um | µm | -60 | 60
blast_pressure_kpa | kPa | 0 | 450
hot_blast_temperature_c | °C | 100 | 1260
top_gas_co_pct | % | 0 | 30
slag_basicity | - | 0.8 | 3.5
oxygen_flow_nm3_h | Nm³/h | 0 | 60000
looper_angle_deg | ° | -5 | 75
pyrometer_temperature_k | K | 280 | 1900
# paper
headbox_consistency_pct | % | 0 | 1.4
basis_weight_g_m2 | g/m² | 0 | 280
basis_weight_gsm | gsm | 0 | 280
machine_speed_m_per_min | m/min | 0 | 2100
sheet_moisture_pct | % | 0 | 12
nip_load_kn_m | kN/m | 0 | 350
vacuum_level_kpa | kPa | -70 | 0
draw_pct | % | -1 | 4
brightness_pct_iso | % | 60 | 108
kappa_number | - | 0 | 40
steam_consumption_t_per_t | t/t | 0 | 3
web_tension_n_m | N/m | 0 | 600
freeness_csf_ml | mL | 80 | 700
wood_chip_moisture_pct | % | 20 | 140
# chemicals
reactor_pressure_bara | bara | 0.02 | 40
column_dp_mbar | mbar | -5 | 120
reflux_ratio | 1 | 0 | 20
jacket_delta_t_k | K | -60 | 80
reactor_temperature_deviation_c | °C | -20 | 20
catalyst_bed_temperature_rise_degc | °C | -5 | 300
orp_mv | mV | -700 | 900
redox_potential_mv | mV | -400 | 400
viscosity_cp | cP | 0 | 12000
viscosity_mpas | mPa·s | 1 | 900
density_kg_m3 | kg/m³ | 650 | 1840
acid_concentration_pct | % | 0 | 98.5
acid_ph | pH | -0.8 | 3
h2s_concentration_ppm | ppm | -0.4 | 60
lel_pct | %LEL | -1 | 100
specific_gravity | SG | 0.6 | 1.9
stirrer_power_per_volume_kw_m3 | kW/m³ | 0 | 4
nitrogen_purge_l_min | NL/min | 0 | 200
control_valve_opening_pct | % | -1.2 | 101
enthalpy_kj_kg | kJ/kg | -180 | 3200
# plastics
melt_pressure_psi | psi | 0 | 5800
melt_temperature_f | °F | 60 | 520
screw_position_mm | mm | -1 | 220
cushion_mm | mm | 0 | 20
mould_cavity_pressure_bar | bar | 0 | 900
band_heater_output_pct | % | 0 | 100
melt_flow_index_g_10min | g/10min | 0.2 | 80
gel_count_per_m2 | 1/m² | 0 | 60
cooling_time_s | s | 0 | 60
film_gauge_mil | mil | 0 | 8
torque_limit_utilization_pct | % | 0 | 115
dew_point_dryer_c | °C | -60 | 20
# electronics and batteries
cell_voltage_v | V | -0.05 | 4.25
cell_voltage_deviation_mv | mV | -35 | 35
pack_current_a | A | -500 | 500
pack_power_kw | kW | -200 | 250
state_of_charge_pct | % | 0 | 100.5
soc_pct | % | -0.4 | 101
soh_pct | % | 70 | 103
coulombic_efficiency_pct | % | 80 | 100.3
electrode_thickness_um | µm | 0 | 180
coating_weight_mg_cm2 | mg/cm² | 0 | 30
dry_room_dew_point_degc | °C | -70 | -30
internal_resistance_mohm | mΩ | 0.5 | 80
insulation_resistance_gohm | GΩ | 0 | 50
reflow_zone_temperature_degc | °C | 20 | 280
reflow_oxygen_ppm | ppm | -2 | 1500
solder_paste_volume_pct | % | 0 | 185
placement_rate_cph | cph | 0 | 90000
signal_power_dbm | dBm | -110 | 20
plating_current_density_a_dm2 | A/dm² | 0 | 12
component_offset_x_um | µm | -90 | 90
anodizing_voltage_v | V | -30 | 120
# energy
turbine_speed_rpm | rpm | -2 | 3600
generator_active_power_mw | MW | -12 | 650
generator_reactive_power_mvar | Mvar | -200 | 350
reactive_power_kvar | kvar | -500 | 500
apparent_power_kva | kVA | 0 | 2500
power_factor | 1 | -0.98 | 1
power_factor_pct | % | -100 | 100.5
grid_frequency_hz | Hz | 0 | 50.4
grid_frequency_deviation_mhz | mHz | -200 | 200
rate_of_change_of_frequency_hz_per_s | Hz/s | -2 | 2
line_voltage_kv | kV | 0 | 420
hvdc_voltage_kv | kV | -800 | 800
tie_line_power_mw | MW | -1500 | 1500
bearing_vibration_um_pp | µm | 0 | 180
shaft_displacement_um | µm | -250 | 250
wind_speed_m_per_s | m/s | 0 | 42
wind_direction_deg | ° | 0 | 360
pitch_angle_deg | ° | -5 | 92
nacelle_yaw_error_deg | ° | -60 | 60
ghi_w_m2 | W/m² | -6 | 1350
pv_module_temperature_c | °C | -25 | 82
transformer_top_oil_temperature_c | °C | -20 | 98
dissolved_hydrogen_ppm | ppm | 0 | 700
condenser_vacuum_inhg | inHg | -29 | 0
condenser_pressure_mbar_a | mbar(a) | 18 | 180
drum_level_deviation_mm | mm | -250 | 250
drum_level_pct | % | -60 | 60
economizer_oxygen_trim_pct | % | -8 | 8
boiler_efficiency_pct | % | 0 | 108
heat_pump_efficiency_pct | % | 0 | 480
heat_rate_kj_per_kwh | kJ/kWh | 0 | 12000
nox_mg_nm3 | mg/Nm³ | -0.5 | 450
thd_current_pct | % | 0 | 140
frequency_hz | Hz | -60 | 60
geothermal_brine_temperature_c | °C | 10 | 340
hydro_head_m | m | 0 | 420
superconductor_temperature_k | K | 3.9 | 300
lng_tank_temperature_c | °C | -165 | -155
natural_gas_flow_mmscfd | MMSCFD | 0 | 240
heating_value_mj_m3 | MJ/m³ | 30 | 42
# mining and cement
kiln_temperature_c | °C | 20 | 1480
kiln_inlet_draught_mbar | mbar | -8 | 0.5
kiln_torque_pct | % | -20 | 220
mill_motor_power_kw | kW | -50 | 5500
mill_bearing_temperature_degc | degC | 5 | 95
crusher_feed_rate_tph | t/h | -15 | 2400
belt_weigher_mass_flow_t_h | t/h | -4 | 1800
belt_speed_m_s | m/s | -0.1 | 6
cyclone_pressure_kpa | kPa | 0 | 220
slurry_density_t_m3 | t/m³ | 1 | 1.9
pulp_ph | pH | 7 | 12.2
froth_depth_mm | mm | 0 | 900
ore_grade_pct | % | 0 | 4
dust_mg_m3 | mg/m³ | -0.1 | 80
methane_pct | % | 0 | 4.5
silo_level_pct | % | -1.2 | 103
oil_flow_a_m3_per_h | m3/h | 0 | 40
gas_flow_in_kg_per_h | kg/h | 0 | 900
vibration_min_mm_per_s | mm/s | 0 | 6
juice_brix_in_g_per_100g | g/100g | 0 | 60
agitator_torque_n_m | N.m | -20 | 300
fan_speed_pct | % | 0 | 108
feed_override_pct | % | 0 | 150
dissolved_oxygen_pct | % | 0 | 133
oil_temperature_difference_k | degC | -5 | 12
thermocouple_type_k | degC | 20 | 900
rib_eye_temperature_zone_c | °F | 60 | 160
pulp_ph_value | 1 | 6 | 12.4
pore_pressure_kpa | kPa | -180 | 400
blaine_cm2_g | cm²/g | 2800 | 4800
free_lime_pct | % | 0.2 | 3
hoist_speed_m_s | m/s | -16 | 16
rope_tension_kn | kN | 0 | 600
# water
raw_water_turbidity_ntu | NTU | -0.02 | 900
free_chlorine_mg_l | mg/L | -0.01 | 3
ammonium_nitrogen_mg_per_l | mg/L as N | 0 | 45
tss_mg_per_l | mg/L | 0 | 4500
dissolved_oxygen_pct | % | 0 | 160
dissolved_oxygen_mg_l | mg/L | 0 | 16
uv_transmittance_pct | % | 40 | 101
river_level_m | m | -1.2 | 9
pump_flow_l_s | L/s | -8 | 450
plant_flow_mld | MLD | 0 | 320
membrane_flux_lmh | L/m²/h | 0 | 90
transmembrane_pressure_bar | bar | -0.6 | 4
trans_membrane_dp_kpa | kPa | -90 | 300
blower_pressure_mbar | mbar | 0 | 800
sludge_blanket_m | m | 0 | 5
color_hazen | Hazen | 0 | 80
alkalinity_mg_l | mg/L CaCO3 | 20 | 400
langelier_index | - | -2 | 2
tank_level_ft | ft | 0 | 42
rainfall_mm_h | mm/h | 0 | 140
# packaging and logistics
pack_rate_ppm | ppm | 0 | 220
conveyor_speed_fpm | fpm | -40 | 600
seal_bar_temperature_degf | degF | 60 | 420
check_weigher_deviation_g | g | -8 | 8
shrink_tunnel_temperature_c | °C | 15 | 210
vacuum_pump_pressure_mbar | mbar | 0.5 | 1013
pallet_count | count | 0 | 4200
agv_battery_soc_pct | % | 8 | 100
crane_load_pct | % | 0 | 112
crane_hoist_position_m | m | -2 | 38
fork_tilt_deg | deg | -6 | 8
barcode_no_read_pct | % | 0 | 5
cold_store_temperature_f | F | -30 | 45
reject_count | pcs | 0 | 300
inverter_output_frequency_hz | Hz | -50 | 87
# data centres and buildings
rack_inlet_temperature_f | °F | 55 | 104
cooling_delta_t_f | °F | -4 | 30
static_pressure_in_wc | inWC | -2 | 4
duct_static_pressure_inh2o | inH2O | -1.5 | 3
supply_air_flow_cfm | cfm | 0 | 42000
chilled_water_flow_gpm | gpm | -5 | 3200
chiller_load_tons | TR | 0 | 1200
chiller_cop | 1 | 0 | 9
pue | 1 | 1 | 2.6
ups_load_pct | % | 0 | 125
ups_efficiency_pct | % | 0 | 99.2
it_power_kw | kW | 0 | 5200
cpu_utilization_pct | % | 0 | 3200
cpu_load_pct | % | 0 | 2400
network_throughput_gbps | Gbit/s | 0 | 96
disk_iops | IOPS | 0 | 210000
latency_ms | ms | 0.1 | 900
room_co2_ppm | ppm | 380 | 5000
illuminance_lux | lx | 0 | 110000
color_temperature_k | K | 2200 | 6500
sound_level_dba | dB(A) | 22 | 118
outside_air_damper_pct | % | 0 | 100
outside_air_temperature_f | °F | -40 | 118
outdoor_relative_humidity_pct | % RH | 8 | 101
enthalpy_difference_kj_kg | kJ/kg | -25 | 40
room_pressure_inwc | in. w.c. | -0.08 | 0.1
energy_meter_kwh | kWh | 0 | 8.4e6
net_energy_kwh | kWh | -900 | 1200
elevator_speed_m_s | m/s | -6 | 6
barometric_pressure_hpa | hPa | 960 | 1045
fan_speed_pct | % | 0 | 105
temperature_min | °C | -12 | 31
temperature_hp_steam | °C | 20 | 565
voltage_a | V | 218 | 246
phase_b_current | A | 0 | 410
motor_torque | lb-ft | -30 | 310
line_tension | lbf | 0 | 90
gearbox_vibration_g | g | -4 | 6
fuel_consumption_l_100km | L/100km | 0 | 48
power_supply_v | V | 0 | 26
pressure_transmitter_ma | mA | 3.6 | 21
load_cell_mv_v | mV/V | -2 | 2.2
hydraulic_power_unit_oil_bar | bar | 0 | 320
current_value_bar | bar | 0 | 9
eddy_current_gap_um | µm | 0 | 1800
filter_pressure_kpa | kPa | -20 | 200
tie_bar_strain_um_m | µm/m | -150 | 1400
"""

# Names, units and ranges as public data sets and plant historians write them; chosen when the
# tables stood, to measure how many honest columns they refuse (11 of 177 then, none of them now).
HELD_OUT = """
Air temperature [K] | K | 295 | 305
Process temperature [K] | K | 305 | 314
Rotational speed [rpm] | rpm | 1168 | 2886
Torque [Nm] | Nm | 3.8 | 76.6
Tool wear [min] | min | 0 | 253
PS1 | bar | 133 | 192
EPS1 | W | 1500 | 3000
FS1 | l/min | 0 | 15
VS1 | mm/s | 0.4 | 1.2
CE | % | 17 | 48
T2_fan_inlet_temperature | °R | 440 | 520
P30_hpc_outlet_pressure | psia | 100 | 560
Ps30 | psia | 30 | 50
phi | pps/psi | 100 | 525
htBleed | - | 300 | 400
W31_hpt_coolant_bleed | lbm/s | 10 | 40
bypass_ratio | - | 8 | 9
Lagging_Current_Reactive.Power_kVarh | kVArh | 0 | 97
CO2(tCO2) | tCO2 | 0 | 0.07
Usage_kWh | kWh | 0 | 157
Lagging_Current_Power_Factor | % | 0 | 100
NSM | s | 0 | 86400
% Iron Feed | % | 42 | 66
Starch Flow | m3/h | 0 | 6300
Ore Pulp pH | pH | 8.7 | 10.8
Flotation Column 01 Air Flow | Nm³/h | 175 | 373
Flotation Column 01 Level | mm | 149 | 862
Press_mm_hg | mm Hg | 729 | 773
RH_1 | % | 27 | 64
T_out | °C | -5 | 26
Tdewpoint | °C | -7 | 16
Visibility | km | 1 | 66
afdp_mbar | mbar | 2 | 8
TEY | MWH | 100 | 180
CO_mg_m3 | mg/m3 | 0 | 45
Ambient humidity AH | (%) | 24 | 101
Wind Direction (°) | ° | 0 | 360
LV ActivePower (kW) | kW | -3 | 3618
Wind Speed (m/s) | m/s | 0 | 25.3
Theoretical_Power_Curve (KWh) | KWh | 0 | 3600
Blade_1_pitch_angle | deg | -5 | 92
Gearbox_bearing_hollow_shaft_temperature | deg_C | 5 | 85
Generator_converter_speed | rpm | -5 | 1800
Torque | Nm | -900 | 11000
Reactive power | kVAr | -400 | 900
Nacelle_angle | deg | 0 | 360
Apparent_power | kVA | 0 | 2200
Power factor | - | 0 | 1
transformer_oil_temp_OT | ℃ | -4 | 46
High UseFul Load | - | -22 | 23
TP2 | bar | -0.03 | 10.7
DV_pressure | bar | -0.03 | 9.8
Oil_temperature | °C | 15 | 90
Motor_current | A | 0.02 | 9.3
H1 | bar | -0.04 | 10.3
Separator Pressure | kPa gauge | 2600 | 2700
Stripper underflow | m3/hr | 22 | 24
Compressor work | kW | 250 | 350
Recycle flow | kscmh | 26 | 28
A feed | kscmh | 0 | 1
Reactor feed rate | kscmh | 40 | 45
Component A | mol% | 25 | 40
quality_ASH | wt% | 0 | 9
Vibration X | g | -16 | 16
vibration_axial_raw | V | -5 | 5
oil debris | ppm | 0 | 40
lubricant_iron | ppm | 0 | 120
dga_h2 | ppm | 0 | 1500
water_in_oil | ppm | 0 | 60
oil_TAN | mgKOH/g | 0 | 4
battery_temp | ℃ | -20 | 55
Voltage_measured | V | 2 | 4.3
Current_measured | A | -2.1 | 1
Capacity | Ahr | 1.2 | 2.1
Re | Ohms | 0.02 | 0.15
Rct | Ohms | 0.03 | 0.2
melt_index | g/10 min | 0.2 | 40
hydraulic_oil_cleanliness | ISO 4406 | 10 | 25
torque_rate_nm_s | N·m/s | -90 | 90
voltage_phase_deg | ° | -180 | 180
co2_flow_kg_h | kg/h | 0 | 900
steam_quality_pct | % | -5 | 110
specific_power | kW/(m³/min) | 4 | 9
specific_power_kw_m3_min | kW/(m3/min) | 4 | 9
compressor_flow | Nm³/min | 0 | 90
energy_intensity | kWh/t | 0 | 900
ethylene_oxide | mg/L | 0 | 900
steam_enthalpy | BTU/lb | 900 | 1400
reflux_flow | KBPD | 0 | 90
crude_flow | bbl/day | 0 | 190000
tank_level | in | 0 | 480
gas_flow | MSCFD | 0 | 900
flare_flow | kg/hr | -20 | 60000
boiler_drum_level | in H2O | -15 | 15
furnace_draft | in. H2O | -2 | 0.5
stack_opacity | % | 0 | 60
ph_neutralization | pH | 2 | 12
turbine_axial_position | mils | -20 | 20
bearing_metal_temp | DEGF | 60 | 240
seal_oil_dp | PSID | 0 | 60
condenser_backpressure | in Hg abs | 0.5 | 8
generator_mvar | MVAR | -200 | 400
field_current | ADC | 0 | 2000
field_voltage | VDC | -300 | 600
gross_mw | MW | -5 | 800
net_heat_rate | BTU/kWh | 0 | 14000
lime_slurry_sg | SG | 1 | 1.4
conveyor_tonnage | tons/hr | -5 | 3000
cyclone_overflow_p80 | µm | 40 | 220
cake_moisture | % | 5 | 15
tailings_density | %solids | 20 | 70
flocculant_dose | g/t | 0 | 90
bed_depth | m | 0 | 8
vacuum_breaker_position | % | 0 | 100
lathe_chuck_pressure | kgf/cm2 | 0 | 45
coolant_level | % | 0 | 103
hmi_cycle_counter | cycles | 0 | 1e7
ejector_force | kgf | -5 | 900
dyeing_machine_ph | - | 3 | 11
yarn_tension | cN | 0 | 120
yarn_count | dtex | 40 | 600
loom_speed | picks/min | 0 | 1200
dryer_humidity | g/kg | 5 | 200
color_delta_e | ΔE | 0 | 6
gloss | GU | 10 | 100
crush_strength | N/mm² | 0 | 60
flute_height | mm | 1 | 5
glue_viscosity | s (Ford cup) | 10 | 40
wax_temp | deg C | 40 | 110
print_register_error | mm | -2 | 2
cold_aisle_temp | degF | 60 | 90
pdu_current | Amps | 0 | 60
genset_fuel_level | % | 0 | 101
chilled_water_dp | psi | -1 | 30
cooling_tower_approach | ΔF | 0 | 20
cooling_range | deltaF | 0 | 25
ahu_co2 | ppm | 380 | 2000
tvoc | ppb | 0 | 900
pm25 | µg/m³ | 0 | 300
pm10 | ug/m3 | 0 | 500
occupancy | people | 0 | 300
lighting_level | fc | 0 | 120
hot_water_flow | gal/hr | 0 | 800
meter_total | therms | 0 | 90000
rate_of_penetration | ft/hr | 0 | 400
weight_on_bit | klbf | -5 | 60
hook_load | klb | 0 | 500
mud_weight | ppg | 8 | 18
standpipe_pressure | psi | 0 | 5000
block_position | ft | -2 | 110
mud_flow_in | gpm | 0 | 1200
total_gas | % | 0 | 60
h2s | ppm | 0 | 20
oven_belt_speed | cm/min | 0 | 150
spi_volume | % | 40 | 180
nitrogen_purity | % | 99 | 99.999
argon_purity | ppm | 0 | 20
tool_force | lbs | -10 | 900
press_speed | SPM | 0 | 90
weld_energy | J | 0 | 1200
paint_flow | cc/min | 0 | 500
e_coat_voltage | V | 0 | 320
leak_rate | sccm | -0.5 | 20
helium_leak_rate | mbar·l/s | 1e-11 | 1e-4
brake_temperature | °C | -20 | 780
tire_pressure | psi | 0 | 60
fuel_rail_pressure | bar | 0 | 2500
afr | - | 8 | 22
manifold_pressure | kPa | 10 | 250
accelerator_position | % | 0 | 100
yaw_rate | deg/s | -90 | 90
lateral_acceleration | g | -1.5 | 1.5
soc_bms | % | 0 | 100
hv_isolation | kΩ | 0 | 5000
coolant_concentration | °Brix | 0 | 12
tapping_torque | N·cm | 0 | 400
hardness | HRC | 20 | 66
"""

# What two public recordings hold (NAB: one signal; SKAB: a pump with a coarse pressure sensor).
RECORDED = """
Machine Temperature | °C | 2.0847 | 108.51
Accelerometer1RMS | g | 0.0255 | 0.2272
Current | A | 0.388 | 3.2415
Pressure | bar | -1.257 | 1.3664
Temperature | °C | 74.237 | 91.7249
Thermocouple | °C | 25.83 | 29.5221
Voltage | V | 201.365 | 255.324
Volume Flow RateRMS | L/min | 31.0 | 128.353
"""

IMPOSSIBLE = """
bearing_temperature_degc | °C | -4940 | 80
motor_winding_temperature_c | degC | -300 | 90
winding_temperature_f | °F | -600 | 200
oil_temperature_degc | °C | -1e6 | 60
coolant_supply_degc | °C | -274 | 20
cryo_temperature_k | K | -2 | 80
absolute_pressure_bar | bar | -3 | 6
chamber_pressure_bara | bara | -2 | 5
barometric_pressure_hpa | hPa | -200 | 1030
discharge_pressure_bar | bar | -45 | 12
suction_pressure_barg | barg | -4 | 3
gauge_pressure_psi | psi | -60 | 100
vacuum_pressure_mbar | mbar | -5000 | 0
room_humidity_pct | % | -12 | 60
relative_humidity_pct | %RH | 20 | 140
humidity_rh | % RH | -30 | 90
control_valve_position_pct | % | -40 | 100
damper_opening_pct | % | 0 | 260
tank_level_pct | % | -45 | 80
culture_ph_value | 1 | 4 | 16.6
silo_fill_level_pct | % | 0 | 190
soc_pct | % | -20 | 100
state_of_charge_pct | % | 0 | 150
soh_pct | % | 60 | 180
motor_efficiency_pct | % | 20 | 170
pump_efficiency_pct | % | -60 | 80
oxygen_purity_pct | % | 90 | 140
test_yield_pct | % | 80 | 130
flue_oxygen_pct | % | -9 | 21
acid_concentration_pct | % | -30 | 50
oxygen_ppm | ppm | -500 | 800
co2_ppm | ppm | 300 | 3e6
syrup_brix | °Bx | 0 | 160
power_factor | 1 | 0.6 | 1.7
power_factor | - | -4 | 1
bath_ph | pH | -12 | 9
effluent_ph | pH | 6 | 23
free_chlorine_mg_l | mg/L | -20 | 3
slurry_density_kg_m3 | kg/m³ | -400 | 1800
slurry_density_t_m3 | t/m³ | 1 | 60
particle_count_per_ml | 1/mL | -4000 | 200
turbidity_ntu | NTU | -70 | 30
conductivity_us_cm | µS/cm | -500 | 900
contact_resistance_mohm | mΩ | -300 | 90
oil_viscosity_cst | cSt | -40 | 90
film_thickness_nm | nm | -800 | 400
strip_width_mm | mm | -900 | 1500
cycle_time_s | s | -40 | 60
reject_count | count | -30 | 10
bag_rate_per_min | 1/min | -60 | 80
grid_frequency_hz | Hz | -50 | 51
heater_power_kw | kW | -90 | 90
illuminance_lux | lx | -5000 | 900
vibration_rms_mm_s | mm/s | -12 | 9
wind_speed_m_s | m/s | -20 | 12
ghi_w_m2 | W/m² | -400 | 1100
electron_beam_velocity_m_s | m/s | 0 | 4e8
"""

IMPLAUSIBLE = """
oil_level_pct | % | 20 | 106
outdoor_temperature_degc | degC | -10 | 90.5
coolant_flow_l_per_min | L/min | -5 | 20
coolant_level_percent | % | -4 | 80
lid_closed_pct | % | 0 | 118
bath_ph | 1 | 5 | 15.4
bearing_temperature_degc | °C | 20 | 1400
gearbox_temperature_k | K | 250 | 2000
furnace_temperature_degc | °C | 20 | 5500
zone_temperature_degf | °F | 60 | 9000
temperature_deviation_degc | °C | -6000 | 20
ambient_temperature_degc | °C | -160 | 45
outdoor_temperature_c | °C | -20 | 400
steam_pressure_kpa | kPa | -900 | 1600
hydraulic_pressure_gpa | GPa | 0 | 40
process_pressure_mtorr | mTorr | -50 | 30
water_ph | pH | -1.6 | 7
vibration_velocity_mms | mm/s | 0 | 40000
spindle_speed_rpm | rpm | 0 | 4e6
line_voltage_kv | kV | 0 | 9000
motor_current_a | A | 0 | 5e7
wind_speed_m_s | m/s | 0 | 700
air_flow_velocity_m_s | m/s | 0 | 9000
redox_mv | mV | -9000 | 400
torque_pct | % | 0 | 9000
sound_level_dba | dB(A) | 20 | 900
hopper_weight_kg | kg | -900 | 800
stack_field_t | T | 0 | 900
"""

MISFITS = """
flow_lpm | bar
inlet_temperature | bar
line_pressure | °C
supply_voltage | A
motor_current | V
bearing_temperature_degc | mm/s
vibration_mms | °C
discharge_pressure_kpa | L/min
spindle_speed_rpm | N·m
shaft_torque | rpm
motor_power_kw | bar
gas_flow | °
humidity_pct | bar
cycle_time | °C
bath_ph | bar
feed_force | m/s
water_conductivity | bar
film_thickness | V
valve_position | °C
outlet_pressure_bar | mm
feed_flow_m3h | kg
chamber_pressure |
oil_temperature |
bearing_thing |
motor_power | blorks
tank_level_pct | mm/s/s/q
ambient_temperature_k | °C
oil_temperature_c | K
hot_spot_f | °C
coolant_temperature | grad schlumpf
roll_gap_mm | kW
energy_kwh | °C
"""

# What `unit_from_name` read before units were a table.
FORMER_ENDINGS = """
pa Pa, hpa hPa, kpa kPa, mpa MPa, bar bar, mbar mbar, psi psi, torr Torr, mtorr mTorr, c °C,
degc °C, celsius °C, k K, kelvin K, f °F, degf °F, w W, kw kW, mw MW, kwh kWh, j J, kj kJ, v V,
mv mV, kv kV, a A, ma mA, ua µA, ohm Ω, rpm 1/min, hz Hz, khz kHz, mhz MHz, m m, mm mm, um µm,
nm nm, cm cm, mms mm/s, ms m/s, g g, kg kg, mg mg, t t, n N, kn kN, sccm sccm, slm slm,
lpm L/min, l L, ml mL, m3h m³/h, percent %, pct %, ppm ppm, ppb ppb, db dB, dba dB(A), deg °,
rad rad, s s, min min, h h, ph pH, lux lx, mm_s mm/s, m_s m/s, mm_per_s mm/s, m_per_s m/s,
l_min L/min, l_per_min L/min, m3_h m³/h, m3_per_h m³/h, kg_h kg/h, kg_per_h kg/h, um_s µm/s,
m_s2 m/s², kg_m3 kg/m³, g_l g/L
"""

# spellings = canonical unit: what it measures
SPELLINGS = """
degC, °C, ℃, º C, deg C, Celsius, celsius, degrees Celsius, C = °C: temperature
degF, ℉, Fahrenheit, °F, deg. F = °F: temperature
K, kelvin, Kelvin = K: temperature
kPa, kilopascal, KPA = kPa: pressure
MPa = MPa: pressure
mPa = mPa: pressure
µbar, ubar, μbar = µbar: pressure
barg, bar(g), bar (g), bar gauge, barG = bar(g): gauge pressure
bara, bar(a), bar abs = bar(a): absolute pressure
psig = psi(g): gauge pressure
mTorr, mtorr = mTorr: vacuum pressure
inH2O, in WC, in. w.c., inH₂O = inH2O: pressure
%, pct, percent, vol%, % w/w, %LEL, % of FS = %: ratio
% RH, %RH, %rH, RH = %RH: relative humidity
ppm, ppmv, mg/kg, ppm CO2 = ppm: trace fraction
mg/L, mg/l, mg per liter, mg·L⁻¹, mgO2/L, mg/L as N = mg/L: mass concentration
mg/Nm³, mg/Nm3 = mg/Nm³: mass concentration
m³/h, m3/h, m^3/h, m3_per_h, m³·h⁻¹, m3/hr, cubic meters per hour = m³/h: volume flow
Nm³/h, Nm3/h = Nm³/h: volume flow
L/min, l/min, lpm, LPM, liters per minute = L/min: volume flow
sccm, SCCM = sccm: volume flow
slm, slpm = slm: volume flow
cfm, CFM, scfm = ft³/min: volume flow
gpm, GPM = gal/min: volume flow
t/h, tph, tonnes per hour = t/h: mass flow
rpm, RPM, 1/min, min⁻¹, rev/min, U/min, bags/min, strokes per minute = 1/min: frequency
mm/s, mm/s RMS, mm_per_s = mm/s: velocity
m/s², m/s2, m s-2 = m/s²: acceleration
µm, um, μm, micron, micrometer = µm: length
N·m, Nm, N.m, N*m, N m, newton meters = N·m: torque
kNm, kN·m = kN·m: torque
ft-lb, lb-ft, lbf·ft = lbf·ft: torque
kWh, kWH, kilowatt hours = kWh: energy
kVA = kVA: power
kvar, kVAr, kVAR = kvar: power
A, Amps, A rms = A: electric current
V, VAC, V DC, Vrms = V: voltage
Ω, Ohm, ohm = Ω: resistance
MΩ·cm, MOhm.cm = MΩ·cm: resistivity
µS/cm, uS/cm, μS·cm⁻¹ = µS/cm: conductivity
pH = pH: acidity
NTU, FNU = NTU: turbidity
t, tonnes, ton = t: mass
°Bx, Brix, °Brix = °Bx: mass fraction
cP = cP: dynamic viscosity
dB(A), dBA = dB(A): decibels
lx, lux = lx: illuminance
1/mL, #/mL, particles/mL, CFU/mL = 1/mL: number concentration
g/10min = g/10min: mass flow
kWh/carton, kWh = kWh: energy
W/(m²·K), W/m2K, W/(m2 K) = W/(m²·K):
1, -, count, counts, pcs, ratio, index, dimensionless, [-], a.u., p.u., state, none = 1: number
"""


def tags(text: str) -> Iterator[Tag]:
    for line in text.strip().splitlines():
        if not line.startswith("#"):
            name, unit, low, high = line.split(" | ")
            yield Column(name, unit), float(low), float(high)


def named(tag: object) -> str | None:
    return tag.name if isinstance(tag, Column) else None


def faults(name: str, unit: str, low: float, high: float, description: str = "") -> list[str]:
    column = Column(name, unit, description)
    return [*unit_faults([column]), *map(str, value_faults(column, low, high))]


def spellings() -> Iterator[tuple[str, str, str]]:
    for line in SPELLINGS.strip().splitlines():
        texts, _, meaning = line.rpartition(" = ")
        symbol, _, quantity = meaning.partition(":")
        yield from ((text, symbol, quantity.strip()) for text in texts.split(", "))


# --- units --------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "symbol", "quantity"), list(spellings()))
def test_a_unit_is_known_in_every_spelling(text: str, symbol: str, quantity: str) -> None:
    unit = known_unit(text)

    assert unit is not None
    assert (unit.symbol, unit.quantity) == (symbol, quantity)


@pytest.mark.parametrize(
    "text", ["", " ", "foo", "xyz/abc", "°Q", "blorks", "temperature", "m/", "/", "-1", "m" * 100]
)
def test_what_is_no_unit_is_not_known(text: str) -> None:
    assert known_unit(text) is None


def test_every_unit_and_bound_has_a_source_and_a_known_quantity() -> None:
    assert len([name for row in UNITS for name in row.spellings.split()]) > 120
    for row in UNITS:
        assert row.source, row
        assert row.quantity in QUANTITIES, row
        assert 0 < row.factor < math.inf, row
        assert not (row.offset and row.prefixes), row
    for bound in (*POSSIBLE, *PLAUSIBLE):
        assert bound.source, bound
        assert bound.why, bound
        assert set(bound.quantities.split(", ")) <= set(QUANTITIES), bound
        assert bound.low < bound.high, bound


@pytest.mark.parametrize("symbol", [row.symbol for row in UNITS if row.symbol not in {"C", "F"}])
def test_a_canonical_symbol_is_read_as_its_unit(symbol: str) -> None:
    unit = known_unit(symbol)

    assert unit is not None
    assert unit.symbol == symbol


@pytest.mark.parametrize(
    ("name", "unit", "high"),
    [("filter_capacitance", "F", 5000), ("stored_charge", "C", 9000), ("arm_vibration", "g", 12)],
)
def test_a_spelling_of_two_units_is_at_fault_only_as_both(
    name: str, unit: str, high: float
) -> None:
    assert faults(name, unit, 0, high) == []


@pytest.mark.parametrize(
    ("text", "value", "si"),
    [
        ("°C", 100, 373.15),
        ("°F", 212, 373.15),
        ("°R", 671.67, 373.15),
        ("psi", 14.6959488, 101_325),
        ("Torr", 760, 101_325),
        ("inHg", 29.92126, 101_325),
        ("kWh", 1, 3.6e6),
        ("hp", 1, 745.69987),
        ("gal/min", 1, 6.30902e-5),
        ("ft³/min", 1, 4.719474e-4),
        ("sccm", 60, 1e-6),
        ("rpm", 3000, 50),
        ("mS/cm", 10, 1),
        ("MΩ·cm", 18.2, 182_000),
        ("lbf·ft", 1, 1.3558179),
        ("kWh/t", 1, 3600),
        ("°/s", 180, math.pi),
        ("mJ/cm²", 1, 10),
        ("g/cm³", 1, 1000),
    ],
)
def test_conversions_agree_with_published_values(text: str, value: float, si: float) -> None:
    unit = known_unit(text)

    assert unit is not None
    assert value * unit.factor + unit.offset == pytest.approx(si, rel=1e-6)


# --- units of names -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("chamber_pressure_pa", "Pa"),
        ("Chamber_Pressure_PA", "Pa"),
        ("line_pressure_bar", "bar"),
        ("chuck_temperature_c", "°C"),
        ("motor_power_kw", "kW"),
        ("vibration_mm_s", "mm/s"),
        ("vibration_mm_per_s", "mm/s"),
        ("acceleration_m_s2", "m/s²"),
        ("flow_m3_per_h", "m³/h"),
        ("gas_flow_sccm", "sccm"),
        ("spindle_speed_rpm", "1/min"),
        ("humidity_pct", "%"),
        ("bath_ph", "pH"),
        ("chamber_pressure", ""),
        ("pa", ""),
        ("c", ""),
        ("mm_s", "s"),
        ("", ""),
        ("_", ""),
        ("temperature_c_", ""),
        ("bag_rate_per_min", "1/min"),
        ("particle_count_per_ml", "1/mL"),
        ("conductivity_us_per_cm", "µS/cm"),
        ("steam_flow_th", "t/h"),
        ("suction_pressure_barg", "bar(g)"),
        ("condenser_pressure_mbar_a", "mbar(a)"),
        ("specific_energy_kwh_per_t", "kWh/t"),
        ("air_flow_cfm", "ft³/min"),
        ("Outlet Temperature (°C)", "°C"),
        ("engine_power_hp", "hp"),
        ("steam_temperature_hp", ""),
        ("temperature_in", ""),
        ("batch_count", ""),
        ("Pump (1)", ""),
    ],
)
def test_a_unit_is_what_the_name_ends_in(name: str, unit: str) -> None:
    assert unit_from_name(name) == unit


@pytest.mark.parametrize("ending", FORMER_ENDINGS.replace("\n", " ").split(","))
def test_endings_give_what_they_always_gave(ending: str) -> None:
    text, unit = ending.split()

    assert unit_from_name(f"spare_{text}") == unit


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("drive_torque_nm", "N·m"),
        ("film_thickness_nm", "nm"),
        ("probe_current_pa", "pA"),
        ("weld_time_ms", "ms"),
        ("belt_speed_ms", "m/s"),
    ],
)
def test_the_words_of_a_name_choose_between_two_readings(name: str, unit: str) -> None:
    assert unit_from_name(name) == unit


# --- honest columns -----------------------------------------------------------------------


def test_no_signal_of_the_catalogue_is_at_fault() -> None:
    machines = [machine for industry in load_industries() for machine in industry.machines]
    signals = [(signal, m.sensors[signal.name]) for m in machines for signal in m.signals]

    found = [
        fault
        for signal, sensor in signals
        for unit in (signal.unit, unit_from_name(signal.name))
        for fault in faults(signal.name, unit, sensor.low, sensor.high, signal.description)
    ]

    assert len(signals) > 1_500
    assert found == []


def test_three_hundred_honest_tags_of_fourteen_industries_are_sample_enough() -> None:
    assert HONEST.count("\n# ") == 14
    assert len(list(tags(HONEST))) > 300
    assert len(list(tags(HELD_OUT))) > 150


@pytest.mark.parametrize(
    ("column", "low", "high"), [*tags(HONEST), *tags(HELD_OUT), *tags(RECORDED)], ids=named
)
def test_an_honest_column_is_not_at_fault(column: Column, low: float, high: float) -> None:
    assert faults(column.name, column.unit, low, high) == []


@pytest.mark.parametrize("name", ["power_factor", "batch_count", "machine_state", "chiller_cop"])
def test_what_is_a_plain_number_needs_no_unit(name: str) -> None:
    assert unit_faults([Column(name)]) == []


@pytest.mark.parametrize(
    ("name", "unit", "low", "high"),
    [
        ("room_humidity_pct", "%", 0, 100.5),  # dew on the sensor
        ("tank_level_pct", "%", -2.5, 103.1),  # a transmitter at 3.6 and at 20.5 mA
        ("chamber_pressure_bara", "bara", -0.01, 10),  # zero error in vacuum
        ("free_chlorine_mg_l", "mg/L", -0.01, 0.02),  # zero noise of an analyser
        ("ghi_w_m2", "W/m²", -12, 900),  # a pyranometer under a clear night sky
        ("cryo_temperature_k", "K", -0.3, 90),
        ("power_factor", "1", -1.01, 1.01),
    ],
)
def test_instruments_may_be_as_wrong_as_they_are(
    name: str, unit: str, low: float, high: float
) -> None:
    assert faults(name, unit, low, high) == []


@pytest.mark.parametrize(
    ("name", "unit", "low", "high"),
    [
        ("temperature_difference_k", "K", -40, 40),
        ("superheat_k", "K", -2, 30),
        ("temperature_control_error_degc", "°C", -900, 900),
        ("filter_pressure_difference_bar", "bar", -30, 30),
        ("rolling_stress_mpa", "MPa", -400, 900),
        ("encoder_count", "count", -1e6, 1e6),
        ("servo_valve_position_pct", "%", -100, 100),
        ("dissolved_oxygen_saturation_pct", "%", 0, 190),
        ("power_balance_kw", "kW", -90, 90),
        ("time_to_maintenance_h", "h", -20, 4000),
        ("mixing_valve_position_error_pct", "%", -60, 60),
    ],
)
def test_differences_and_signed_quantities_may_be_negative(
    name: str, unit: str, low: float, high: float
) -> None:
    assert faults(name, unit, low, high) == []


def test_a_description_can_make_a_pressure_a_difference() -> None:
    name, unit, low, high = "pump_pressure_bar", "bar", -40.0, 6.0

    assert faults(name, unit, low, high) != []
    assert faults(name, unit, low, high, "Differential pressure over the pump") == []


def test_a_description_cannot_make_a_temperature_a_difference() -> None:
    found = faults("bearing_temperature_c", "°C", -4940, 60, "Deviation shows wear of the bearing")

    assert found == [
        "bearing_temperature_c falls to -4,940 °C; nothing is below -273.15 °C (absolute zero)"
    ]


def test_a_unit_read_off_a_name_of_old_is_read_again_with_its_words() -> None:
    assert faults("drive_torque_nm", "nm", -3e9, 0) == [
        "drive_torque_nm falls to -3e+09 N·m; no such sensor shows less than -1e+09 N·m "
        "(the largest wind turbines have 30 MN·m)"
    ]
    assert faults("drive_torque_nm", "nm", -60, 60) == []


# --- lying columns ------------------------------------------------------------------------


@pytest.mark.parametrize(("column", "low", "high"), [*tags(IMPOSSIBLE)], ids=named)
def test_an_impossible_value_is_found(column: Column, low: float, high: float) -> None:
    assert [fault.is_impossible for fault in value_faults(column, low, high)] == [True]
    assert unit_faults([column]) == []


@pytest.mark.parametrize(("column", "low", "high"), [*tags(IMPLAUSIBLE)], ids=named)
def test_a_value_that_no_sensor_shows_is_found(column: Column, low: float, high: float) -> None:
    assert [fault.is_impossible for fault in value_faults(column, low, high)] == [False]
    assert unit_faults([column]) == []


@pytest.mark.parametrize("line", MISFITS.strip().splitlines())
def test_a_unit_that_is_missing_unknown_or_misfits_is_found(line: str) -> None:
    name, _, unit = line.partition(" |")

    found = unit_faults([Column(name, unit.strip())])

    assert len(found) == 1
    assert found[0].startswith(f"{name} ")


def test_a_fault_names_column_value_bound_and_reason() -> None:
    assert value_faults(Column("bearing_temperature_degc", "degC"), -4940, 2000) == [
        ValueFault(
            "bearing_temperature_degc falls to -4,940 °C; "
            "nothing is below -273.15 °C (absolute zero)",
            is_impossible=True,
        ),
        ValueFault(
            "bearing_temperature_degc rises to 2,000 °C; "
            "no such sensor shows more than 1,000 °C (the steel in it is soft far below)",
            is_impossible=False,
        ),
    ]


def test_unit_faults_say_what_is_stated_and_what_the_name_says() -> None:
    columns = [
        Column("inlet_flow_lpm", "bar"),
        Column("inlet_temperature", "bar"),
        Column("inlet_temperature_c", "°C"),
        Column("inlet_thing", "blorks"),
        Column("inlet_thing"),
    ]

    assert unit_faults(columns) == [
        "inlet_flow_lpm is in bar (pressure), but its name ends in lpm (volume flow)",
        "inlet_temperature is in bar (pressure), but its name says temperature",
        "inlet_thing has the unit 'blorks', which is none that we know; expected one such as bar",
        "inlet_thing has no unit, stated or at the end of the name; "
        "expected one such as bar, or 1 for a plain number",
    ]


def test_a_pressure_far_below_vacuum_is_impossible_and_a_little_below_only_implausible() -> None:
    column = Column("discharge_pressure_bar", "bar")

    verdicts = [[f.is_impossible for f in value_faults(column, low, 4)] for low in (-2, -4, -9)]

    assert verdicts == [[], [False], [True]]


def test_long_foreign_names_and_units_are_shown_shortened() -> None:
    (found,) = unit_faults([Column("n" * 500, "\x1b[31m" + "u" * 500)])

    assert len(found) < 300
    assert "\x1b" not in found


# --- properties ---------------------------------------------------------------------------

TEXTS = st.text(max_size=60) | st.text(alphabet="abcdegkmnpstw%°µ³²/·^()-_ 0123456789", max_size=45)
PIECES = [row.symbol for row in UNITS] + [
    "/",
    "·",
    " ",
    "^",
    "-",
    "2",
    "3",
    "(",
    ")",
    " per ",
    "1e9",
]
UNIT_TEXTS = TEXTS | st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
NAMES = TEXTS | st.lists(
    st.sampled_from(["temperature", "pressure", "level", "per", "mm", "s", "ph", "nm", "o2", "pct"])
).map("_".join)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)


@given(NAMES, UNIT_TEXTS, TEXTS, FLOATS, FLOATS)
def test_nothing_that_is_written_raises(
    name: str, unit: str, description: str, low: float, high: float
) -> None:
    column = Column(name, unit, description)

    assert len(unit_faults([column])) <= 1
    assert len(value_faults(column, low, high)) <= 2
    assert unit_from_name(name) == "" or known_unit(unit_from_name(name)) is not None


@given(st.sampled_from(list(spellings())), FLOATS, FLOATS)
def test_nothing_in_a_known_unit_raises(spelling: tuple[str, str, str], a: float, b: float) -> None:
    for name in ("power_factor", "tank_level", "temperature", "pressure", "count_rate"):
        value_faults(Column(name, spelling[0]), a, b)


@given(st.floats(-1e4, 1e5).filter(lambda k: min(abs(k), abs(k + 0.5), abs(k - 4273.65)) > 1e-6))
def test_celsius_fahrenheit_and_kelvin_get_one_verdict(kelvin: float) -> None:
    values = {"K": kelvin, "°C": kelvin - 273.15, "°F": kelvin * 1.8 - 459.67}

    verdicts = [
        [fault.is_impossible for fault in value_faults(Column("zone_temperature", unit), v, v)]
        for unit, v in values.items()
    ]

    assert verdicts[0] == verdicts[1] == verdicts[2]


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("absolute_pressure", ["Pa", "kPa", "bar", "psi", "mmHg", "inH2O"]),
        ("grid_frequency", ["Hz", "kHz", "1/min", "1/h"]),
        ("free_chlorine", ["mg/L", "g/m³", "kg/m3", "µg/L"]),
        ("wind_speed", ["m/s", "km/h", "mph", "ft/min", "kn"]),
        ("vibration_velocity", ["mm/s", "m/s", "in/s"]),
    ],
)
@given(scale=st.floats(-1e9, 1e9).filter(lambda size: abs(size) > 1e-9))
def test_a_value_gets_one_verdict_in_every_unit(name: str, units: list[str], scale: float) -> None:
    factors = [unit.factor for unit in map(known_unit, units) if unit]

    found = [
        [f.is_impossible for f in value_faults(Column(name, unit), scale / factor, scale / factor)]
        for unit, factor in zip(units, factors, strict=True)
    ]

    assert all(one == other for one, other in pairwise(found))


@given(st.floats(0, 100), st.floats(0, 100))
def test_no_share_between_nothing_and_all_is_at_fault(a: float, b: float) -> None:
    for name in ("room_humidity_pct", "valve_position_pct", "soc_pct", "tank_level_pct"):
        assert faults(name, "%", min(a, b), max(a, b)) == []


@pytest.mark.parametrize(
    ("name", "unit", "is_fault"),
    [
        ("active_power_kw", "MW", True),
        ("active_power_kw", "kW", False),
        ("oil_pressure_bar", "kPa", True),
        ("oil_temperature_degc", "°F", True),
        ("flow_m3_per_h", "m³/h", False),
        ("oil_level_percent", "1", False),
    ],
)
def test_a_unit_is_the_one_that_the_name_ends_in(name: str, unit: str, is_fault: bool) -> None:
    assert bool(unit_faults([Column(name, unit)])) is is_fault
